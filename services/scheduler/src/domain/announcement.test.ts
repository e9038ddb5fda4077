import { validate } from "@carillon/contracts";
import { describe, expect, it } from "vitest";
import {
  cancelledEvent,
  dispatchedEvent,
  failedEvent,
  gapEvent,
  inBrief,
  retryingEvent,
  scheduleEvent,
  skippedEvent,
} from "./announcement.ts";
import { eventMessage } from "./event-message.ts";
import { tellGap } from "./gap.ts";
import {
  aDispatch,
  aSchedule,
  eventsOf,
  iso,
  MINUTE,
  NAMES,
  STORED_AT,
  withState,
} from "./testing/builders.ts";

const { record, state } = aSchedule({ tags: ["email"] });
const REFUSAL = { reason: "no_stream", message: "no stream captures the subject" };
const fire = {
  firedAt: STORED_AT + 3,
  settledAt: STORED_AT + 8,
  delivered: { stream: "S", sequence: 4, duplicate: false },
};
const gap = { firstNominalAt: STORED_AT, lastNominalAt: STORED_AT, count: 1, reason: "coalesced" };
const dispatch = aDispatch({ attempt: 2, actor: "ada", cause: "trigger" });

const ALL = [
  dispatchedEvent(record, dispatch, fire),
  retryingEvent(record, dispatch, { ...REFUSAL, retryAt: STORED_AT + MINUTE }, STORED_AT),
  failedEvent(record, dispatch, REFUSAL, STORED_AT),
  skippedEvent(record, dispatch, "target_denied", STORED_AT),
  cancelledEvent(record, dispatch, "deleted", STORED_AT),
  gapEvent(record, "missed", gap, STORED_AT),
  gapEvent(record, "skipped", { ...gap, count: 3, lastNominalAt: STORED_AT + 2 * MINUTE }, STORED_AT),
];

describe("an execution's event", () => {
  it("of a delivered command is final, and says how late and how long", () => {
    expect(dispatchedEvent(record, dispatch, fire)).toEqual({
      kind: "announcement",
      id: "acme.daily@20261121T090000000Z.2.dispatched",
      entity: "execution",
      what: "dispatched",
      at: STORED_AT + 8,
      definition: false,
      data: {
        tenant: "acme",
        scheduleId: "daily",
        executionId: "daily@20261121T090000000Z",
        nominalAt: iso(STORED_AT),
        dueAt: iso(STORED_AT),
        firedAt: iso(STORED_AT + 3),
        lagMs: 3,
        durationMs: 5,
        attempt: 2,
        target: "cmd.notification.send",
        version: 1,
        cause: "trigger",
        actor: "ada",
        tags: ["email"],
        createdBy: "ada",
        completion: "published",
        delivered: fire.delivered,
        final: true,
      },
    });
  });

  it("is final unless another attempt follows", () => {
    expect(ALL.map(({ what, data }) => [what, data["final"]])).toEqual([
      ["dispatched", true],
      ["retrying", false],
      ["failed", true],
      ["skipped", true],
      ["cancelled", true],
      ["missed", true],
      ["skipped", true],
    ]);
  });

  it("has an id that depends on its cause alone, and no two of them the same", () => {
    const later = dispatchedEvent(record, dispatch, {
      ...fire,
      firedAt: STORED_AT + 99,
      settledAt: STORED_AT + 99,
    });
    expect(later.id).toBe(ALL[0]?.id);
    expect(new Set(ALL.map(({ id }) => id)).size).toBe(ALL.length);
  });

  it("never carries the payload", () => {
    const secret = aSchedule({ payload: { key: "s3cret" } }).record;
    const text = JSON.stringify(dispatchedEvent(secret, aDispatch({ payload: "s3cret" }), fire));
    expect(text).not.toContain("s3cret");
  });

  it("has no negative lag where a clock was set back", () => {
    const { data } = dispatchedEvent(record, dispatch, {
      ...fire,
      firedAt: STORED_AT - 5,
      settledAt: STORED_AT - 9,
    });
    expect([data["lagMs"], data["durationMs"]]).toEqual([0, 0]);
  });
});

describe("neighbours that did not fire", () => {
  it("share one event with both ends and their number", () => {
    expect(ALL.at(-1)?.data).toMatchObject({
      firstNominalAt: iso(STORED_AT),
      lastNominalAt: iso(STORED_AT + 2 * MINUTE),
      count: 3,
    });
  });

  it("of one are an execution like any other", () => {
    const { data } = gapEvent(record, "missed", gap, STORED_AT);
    expect(data).toMatchObject({ executionId: "daily@20261121T090000000Z", nominalAt: iso(STORED_AT) });
    expect("count" in data).toBe(false);
  });

  it.each([
    ["misfire_grace", "missed"],
    ["coalesced", "missed"],
    ["catch_up_limit", "missed"],
    ["superseded", "skipped"],
    ["deleted", "skipped"],
    ["target_denied", "skipped"],
  ] as const)("for the reason %s are %s", (reason, what) => {
    const told = tellGap(withState(aSchedule(), { gap: { ...gap, count: 4, reason } }), STORED_AT);
    expect([told.gap, told.stats[what]]).toEqual([null, 4]);
    expect(eventsOf(told)).toMatchObject([{ what, data: { reason, count: 4 } }]);
  });

  it("are told once", () => {
    const told = tellGap({ ...aSchedule(), state }, STORED_AT);
    expect(told).toBe(state);
  });
});

describe("a schedule's event", () => {
  const cause = { at: STORED_AT, commandId: "acme.c1", actor: "ada", reason: "lunch" };

  it("names who did it, why, and by which command", () => {
    expect(scheduleEvent(record, state, "paused", cause)).toMatchObject({
      id: "acme.daily.paused.acme.c1",
      definition: false,
      data: { actor: "ada", reason: "lunch", commandId: "acme.c1", version: 1, status: "active" },
    });
  });

  it("names the scheduler where nobody else did it", () => {
    const { id, data } = scheduleEvent(record, state, "completed", { at: STORED_AT });
    expect([id, data["actor"], data["reason"]]).toEqual([
      `acme.daily.completed.${iso(STORED_AT)}`,
      "scheduler",
      null,
    ]);
  });

  it("carries the definition when it was created or updated", () => {
    const carries = ["created", "updated", "deleted", "resumed"].map(
      (what) => scheduleEvent(record, state, what, cause).definition,
    );
    expect(carries).toEqual([true, true, false, false]);
  });
});

describe("an event in brief", () => {
  it("leaves out the values of what changed, and nothing else", () => {
    const diff = [{ path: "/name", before: "old", after: "new" }];
    const whole = scheduleEvent(record, state, "updated", { at: STORED_AT }, { diff });
    expect(inBrief(whole)).toEqual(scheduleEvent(record, state, "updated", { at: STORED_AT }));
  });
});

describe("every event", () => {
  it("fits its schema once it is on the wire", () => {
    const events = [
      ...ALL,
      ...["created", "updated", "deleted", "paused", "resumed", "completed", "disabled"].map((what) =>
        scheduleEvent(record, state, what, { at: STORED_AT }),
      ),
    ];
    for (const event of events) {
      const sent: unknown = JSON.parse(eventMessage(NAMES, record, event, null).data);
      expect(validate.cloudEventEnvelope(sent)).toEqual([]);
      const faultsOf =
        event.entity === "execution" ? validate.executionEventData : validate.scheduleEventData;
      expect(faultsOf(event.data)).toEqual([]);
    }
  });
});
