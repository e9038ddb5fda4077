import { DEPTH_MAX, parseJson } from "@carillon/contracts";
import { describe, expect, it } from "vitest";
import { aCommand, accepted, aDefinition, aSchedule, NAMES } from "../domain/testing/builders.ts";
import type { Store } from "./ports.ts";
import { Records } from "./records.ts";

const KEY = "0.acme.daily";
const bytes = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));

const records = new Records({ store: {} as Store, names: NAMES, tell: () => {} });
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
    const opened = await records.inspect(stored({ ...state, revision: 1 }), stored(record));
    expect(opened).toMatchObject({ ok: true, schedule: { record, state: { owed: state.owed } } });
  });

  it("of a newer version is unreadable", async () => {
    const { record, state } = aSchedule();
    const current = stored({ ...state, revision: 1 });
    expect(await records.inspect(stored({ ...state, revision: 1, v: 2 }), stored(record))).toMatchObject({
      ok: false,
      fault: { bucket: "state" },
    });
    expect(await records.inspect(current, stored({ ...record, v: 2 }))).toMatchObject({
      ok: false,
      fault: { bucket: "schedules" },
    });
  });
});
