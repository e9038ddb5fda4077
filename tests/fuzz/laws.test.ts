import { type ErrorCode, errorBody } from "@carillon/contracts";
import { describe, expect, it } from "vitest";
import type { Store } from "../../services/scheduler/src/app/ports.ts";
import { Records } from "../../services/scheduler/src/app/records.ts";
import {
  anAnnouncement,
  aSchedule,
  NAMES,
  plain,
  withState,
} from "../../services/scheduler/src/domain/testing/builders.ts";
import { checkError, checkEvent, checkSchedule } from "./laws.ts";

const at = (path: string, code: ErrorCode = "invalid_definition") =>
  errorBody(code, "m", [{ path, message: "m" }]);
const root = { tags: ["a"], target: { "a/b": 1 } };
const records = new Records({ store: {} as Store, names: NAMES, tell: () => {} });

describe("the laws let pass", () => {
  it.each(["", "/tags/0", "/tags/7", "/target/a~1b", "/missing"])("an error at %j", (path) => {
    checkError(at(path), root);
  });

  it("an ordinary schedule", async () => {
    await checkSchedule(aSchedule({ payload: { a: 1 } }), records);
  });
});

describe("the laws find", () => {
  it.each(["tags", "/a~b", "/missing/inside", "/tags/7/x"])("an error at %j", (path) => {
    expect(() => checkError(at(path), root)).toThrow("no such place");
  });

  it.each([
    ["without a place", errorBody("bad_subject", "m")],
    ["without a message", errorBody("not_found", "")],
    ["of no code of the table", at("", "constructor" as ErrorCode)],
    ["longer than it may be", errorBody("not_found", "m".repeat(30_000))],
  ])("an error %s", (_, error) => {
    expect(() => checkError(error, root)).toThrow();
  });

  it("an event that fits no schema, or whose subject is none", () => {
    const subject = "evt.scheduler.acme.command.rejected.x";
    expect(() => checkEvent({ subject, data: "{}" })).toThrow("fits no schema");
    expect(() => checkEvent({ subject: `${subject}.*`, data: "{}" })).toThrow("an event under");
  });

  const spoilt = aSchedule();
  const target = (headers: Record<string, string>) => ({
    ...spoilt,
    record: {
      ...spoilt.record,
      effective: { ...spoilt.record.effective, target: { subject: "a", delivery: "core" as const, headers } },
    },
  });
  it.each([
    ["an instant that no record holds", withState(spoilt, { dueAt: 2 ** 53 })],
    [
      "an event that fits no schema",
      withState(spoilt, { owed: [anAnnouncement({ data: { version: "x" } })] }),
    ],
    ["a reserved header", target({ "nats-msg-id": "x" })],
    ["a header of two lines", target({ "X-A": "a\r\nb" })],
  ])("a schedule with %s", async (_, schedule) => {
    await expect(checkSchedule(schedule, records)).rejects.toThrow();
  });

  it("a timeline that goes back", async () => {
    const timeline = { ...plain(spoilt.timeline), next: (after: number) => after };
    await expect(checkSchedule({ ...spoilt, timeline }, records)).rejects.toThrow("occurrence");
  });
});
