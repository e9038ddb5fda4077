import { DEPTH_MAX, parseJson } from "@carillon/contracts";
import { describe, expect, it } from "vitest";
import { aCommand, accepted, aDefinition, aSchedule } from "../domain/testing/builders.ts";
import type { Store } from "./ports.ts";
import { Records } from "./records.ts";

const KEY = "0.acme.daily";
const bytes = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));

const records = new Records({ store: {} as Store, tell: () => {} });
const stored = (value: unknown, revision = 1) => ({ key: KEY, value: bytes(value), revision, storedAt: 0 });

const nested = (levels: number): unknown => (levels === 0 ? 1 : [nested(levels - 1)]);

describe("a record", () => {
  it("can be read again however deep what a command brought nests", async () => {
    const deepest = { payload: nested(DEPTH_MAX - 1) };
    expect(parseJson(JSON.stringify(deepest)).ok).toBe(true);

    const metadata = { deep: nested(DEPTH_MAX - 2) };
    const created = accepted(null, aCommand("create", { body: aDefinition(deepest) })).schedule;
    const updated = accepted(created, aCommand("update", { body: { metadata } })).schedule;
    const { record, state } = accepted(updated, aCommand("trigger", { body: deepest })).schedule;
    const opened = await records.open(stored({ ...state, revision: 1 }), stored(record));
    expect(opened?.record).toEqual(record);
    expect(opened?.state.owed).toEqual(state.owed);
  });

  it("of a newer version is unreadable", async () => {
    const { record, state } = aSchedule();
    expect(records.readState(stored({ ...state, v: 2 }))).toBeNull();
    expect(records.readDefinition(stored({ ...record, v: 2 }))).toBeNull();
  });
});
