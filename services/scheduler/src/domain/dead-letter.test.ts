import { describe, expect, it } from "vitest";
import { deadLetter } from "./dead-letter.ts";
import { targetMessage } from "./target-message.ts";
import { aDispatch, aSchedule, iso, NAMES, STORED_AT } from "./testing/builders.ts";

const { record } = aSchedule({ payload: { n: 1, text: "ä" } });

describe("a dead letter", () => {
  const letter = {
    kind: "letter",
    dispatch: aDispatch({ attempt: 4 }),
    reason: "no_stream",
    description: "nobody",
    at: STORED_AT,
  } as const;

  it("holds the whole command and why it failed", () => {
    const message = deadLetter(NAMES, record, letter);
    expect(message.subject).toBe(NAMES.deadLetter.build({ tenant: "acme", scheduleId: "daily" }));
    const { subject, headers } = targetMessage(record, letter.dispatch);
    expect(JSON.parse(message.data)).toEqual({
      tenant: "acme",
      scheduleId: "daily",
      version: 1,
      executionId: "daily@20261121T090000000Z",
      attempts: 4,
      reason: "no_stream",
      message: "nobody",
      time: iso(STORED_AT),
      command: { subject, headers, payload: { n: 1, text: "ä" } },
    });
  });

  it("has an id of its own, the same whenever it is sent", () => {
    const { id } = deadLetter(NAMES, record, letter);
    expect(id).toBe(deadLetter(NAMES, record, letter).id);
    expect(id).not.toBe(targetMessage(record, letter.dispatch).id);
  });

  it("without a payload says null", () => {
    const { command } = JSON.parse(deadLetter(NAMES, aSchedule().record, letter).data) as {
      command: { payload: unknown };
    };
    expect(command.payload).toBeNull();
  });
});
