import { describe, expect, it } from "vitest";
import {
  cancelledEvent,
  dispatchedEvent,
  failedEvent,
  gapEvent,
  retryingEvent,
  scheduleEvent,
  skippedEvent,
} from "../domain/announcement.ts";
import { aDispatch, aSchedule, MINUTE, STORED_AT } from "../domain/testing/builders.ts";
import { signalOf } from "./told.ts";

const { record, state } = aSchedule();
const about = { where: record, scheduleType: "interval" };
const REFUSAL = { reason: "no_stream", message: "" };
const gap = { firstNominalAt: STORED_AT, lastNominalAt: STORED_AT + MINUTE, count: 2, reason: "coalesced" };

describe("operators are told", () => {
  it("how many occurrences were missed or skipped, and why", () => {
    expect(signalOf(record, gapEvent(record, "missed", gap, STORED_AT))).toEqual({
      kind: "execution.missed",
      ...about,
      reason: "coalesced",
      count: 2,
    });
    for (const event of [skippedEvent, cancelledEvent]) {
      expect(signalOf(record, event(record, aDispatch(), "deleted", STORED_AT))).toEqual({
        kind: "execution.skipped",
        ...about,
        reason: "deleted",
        count: 1,
      });
    }
  });

  it("which execution is tried again, when, and which one failed", () => {
    const { executionId } = aDispatch();
    const retryAt = STORED_AT + MINUTE;
    expect(signalOf(record, retryingEvent(record, aDispatch(), { ...REFUSAL, retryAt }, STORED_AT))).toEqual({
      kind: "execution.retrying",
      ...about,
      reason: "no_stream",
      executionId,
      attempt: 1,
      retryAt,
    });
    expect(signalOf(record, failedEvent(record, aDispatch({ attempt: 4 }), REFUSAL, STORED_AT))).toEqual({
      kind: "execution.failed",
      ...about,
      reason: "no_stream",
      executionId,
      attempt: 4,
    });
  });

  it("nothing where the event says enough", () => {
    const fire = { firedAt: STORED_AT, settledAt: STORED_AT, delivered: {} };
    expect(signalOf(record, dispatchedEvent(record, aDispatch(), fire))).toBeNull();
    expect(signalOf(record, scheduleEvent(record, state, "paused", { at: STORED_AT }))).toBeNull();
  });
});
