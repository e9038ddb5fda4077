import { equalJson, type ListBody, matchesSubject } from "@carillon/contracts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Schedule } from "./schedule.ts";
import { selectorOf } from "./selector.ts";
import { aSchedule, everyMinute, iso, MINUTE, STORED_AT, withState } from "./testing/builders.ts";
import { viewOf } from "./view.ts";

/** Whether the body selects the schedule; throws where the body is refused. */
function selects(body: ListBody, schedule: Schedule): boolean {
  const selector = selectorOf(body);
  if (!selector.ok) throw new Error(selector.error.message);
  return selector.value(schedule);
}

const daily = aSchedule({
  name: "Daily SUMMARY",
  description: "in Straße 7",
  tags: ["mail", "growth"],
  metadata: { owner: "growth", nested: { a: 1, b: [2] } },
});
const dueAt = STORED_AT + MINUTE;

describe("a condition", () => {
  it.each<[boolean, ListBody]>([
    [true, {}],
    [true, { status: "active" }],
    [false, { status: "paused" }],
    [true, { type: "interval" }],
    [false, { type: "cron" }],
    [true, { createdBy: "ada" }],
    [false, { createdBy: "ad" }],
    [true, { tag: "growth" }],
    [false, { tag: "grow" }],
    [true, { target: "cmd.notification.send" }],
    [true, { target: "cmd.*.send" }],
    [true, { target: "cmd.>" }],
    [false, { target: "cmd.notification" }],
    [false, { target: "cmd.notification.send.>" }],
    [true, { metadata: {} }],
    [true, { metadata: { nested: { b: [2], a: 1 } } }],
    [false, { metadata: { nested: { a: 1 } } }],
    [false, { metadata: { owner: "growth", missing: null } }],
    [false, { metadata: { constructor: null } }],
    [true, { search: "summary" }],
    [true, { search: "DAIL" }],
    [true, { search: "straße" }],
    [false, { search: "weekly" }],
    [true, { dueAfter: iso(dueAt) }],
    [false, { dueAfter: iso(dueAt + 1) }],
    [false, { dueBefore: iso(dueAt) }],
    [true, { dueBefore: iso(dueAt + 1) }],
    [false, { status: "active", tag: "none" }],
  ])("%j: %j", (expected, body) => {
    expect(selects(body, daily)).toBe(expected);
  });

  it("about the next fire leaves out what has none", () => {
    const paused = withState(daily, { status: "paused" });
    expect(selects({ dueAfter: iso(0) }, paused)).toBe(false);
    expect(selects({ dueBefore: iso(dueAt + 1) }, paused)).toBe(false);
  });

  it("or none at all never selects what was deleted", () => {
    const deleted = withState(daily, { status: "deleted" });
    expect([{}, { search: "daily" }].map((body) => selects(body, deleted))).toEqual([false, false]);
  });

  it.each([
    ["/target", { target: "a.>.b" }],
    ["/target", { target: "a..b" }],
    ["/dueAfter", { dueAfter: "soon" }],
    ["/dueBefore", { dueBefore: "" }],
  ])("that cannot be tried is refused at %s", (path, body) => {
    const selector = selectorOf(body);
    expect(selector.ok ? null : selector.error).toMatchObject({ code: "invalid_body", details: [{ path }] });
  });
});

describe("several conditions", () => {
  const word = fc.constantFrom("mail", "Mail", "ops", "x");
  const status = fc.constantFrom("active", "paused", "completed", "disabled", "deleted");
  const schedule = fc
    .record({ tags: fc.uniqueArray(word), name: fc.option(word), owner: word, status })
    .map(({ tags, name, owner, status }) =>
      withState(aSchedule({ trigger: everyMinute, tags, name, metadata: { owner } }), { status }),
    );
  const body: fc.Arbitrary<ListBody> = fc.record(
    {
      status: fc.constantFrom("active", "paused", "completed", "disabled"),
      tag: word,
      search: fc.constantFrom("AI", "op", "daily"),
      target: fc.constantFrom("cmd.>", "cmd.*", "cmd.*.send"),
      metadata: fc.record({ owner: word }),
      dueBefore: fc.constantFrom(iso(dueAt), iso(dueAt + MINUTE)),
    },
    { requiredKeys: [] },
  );

  it("select what a plain reading of the view selects", () => {
    fc.assert(
      fc.property(
        schedule,
        body,
        (one, conditions) => void expect(selects(conditions, one)).toBe(fits(one, conditions)),
      ),
    );
  });

  /** The same question, asked of what `get` would show. */
  function fits(one: Schedule, { status, tag, search, target, metadata, dueBefore }: ListBody): boolean {
    const { effective, nextFireAt, scheduleId, ...view } = viewOf(one);
    const texts = [scheduleId, effective.name ?? "", effective.description ?? ""].join("\n");
    return (
      one.state.status !== "deleted" &&
      (status === undefined || view.status === status) &&
      (tag === undefined || effective.tags.includes(tag)) &&
      (search === undefined || texts.toUpperCase().includes(search.toUpperCase())) &&
      (target === undefined || matchesSubject(target, effective.target.subject)) &&
      (metadata === undefined || equalJson({ ...effective.metadata, ...metadata }, effective.metadata)) &&
      (dueBefore === undefined || (nextFireAt !== null && Date.parse(nextFireAt) < Date.parse(dueBefore)))
    );
  }
});
