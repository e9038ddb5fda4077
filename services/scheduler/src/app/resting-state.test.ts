import type { StateRecord } from "@carillon/contracts";
import { describe, expect, it } from "vitest";
import { outlineOf, type Schedule, stateWakeAt } from "../domain/schedule.ts";
import { aCommand, accepted, anAnnouncement, aSchedule, settled } from "../domain/testing/builders.ts";
import { restingState } from "./resting-state.ts";

const REVISION = 41;

/** As a committer stores it. */
const storedOf = ({ state, record }: Schedule, patch: Partial<StateRecord> = {}): StateRecord => ({
  ...state,
  term: 3,
  write: 7,
  revision: REVISION,
  outline: outlineOf(record, REVISION),
  ...patch,
});

const read = (state: unknown) => restingState(Buffer.from(JSON.stringify(state)));

const daily = aSchedule();
const paused = settled(accepted(daily, aCommand("pause", { reason: 'a "quiet" öne' })).schedule);
const gone = settled(accepted(daily, aCommand("delete")).schedule);
const once = aSchedule({ trigger: { type: "manual" } });

describe("a state at rest", () => {
  it.each([
    ["active", daily],
    ["paused", paused],
    ["deleted", gone],
    ["due never", once],
  ])("that is %s says what holding it cold asks", (_, schedule) => {
    const state = storedOf(schedule);
    const { revision, status, sinceAt, dueAt, owed, retries, outline } = state;
    expect(read(state)).toEqual({ revision, status, sinceAt, dueAt, owed, retries, outline });
    expect(stateWakeAt(read(state) ?? state, 60)).toBe(stateWakeAt(state, 60));
  });

  it.each<[string, unknown]>([
    ["owes something", storedOf(daily, { owed: [anAnnouncement()] })],
    ["has no outline", { ...daily.state, revision: REVISION }],
    ["is of another version", storedOf(daily, { v: 2 as 1 })],
    [
      "has a creator that is more than ASCII",
      storedOf(daily, { outline: { revision: REVISION, type: "cron", createdBy: "Zoë", keepSeconds: 1 } }),
    ],
    ["has a field more", { ...storedOf(daily), more: 1 }],
    ["has an unknown status", storedOf(daily, { status: "odd" as "active" })],
    ["is none", { outline: {} }],
  ])("that %s is read as any record", (_, state) => {
    expect(read(state)).toBeNull();
  });

  it("is not taken for whole where it was cut short", () => {
    const text = JSON.stringify(storedOf(daily));
    expect(restingState(Buffer.from(text.slice(0, -1)))).toBeNull();
  });
});
