import { partitionOf } from "@carillon/contracts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { restated, standingOf } from "./repartition.ts";

const name = fc.stringMatching(/^[A-Za-z0-9_-]{1,12}$/);
const count = fc.integer({ min: 1, max: 1_024 });

describe("standingOf", () => {
  it("has a schedule leave its old key for its new one, unless they are the same", () => {
    fc.assert(
      fc.property(name, name, count, count, (tenant, scheduleId, from, to) => {
        const under = (partitions: number) =>
          standingOf(
            { partition: String(partitionOf(tenant, scheduleId, partitions)), tenant, scheduleId },
            { from, to },
          );
        expect([under(from), under(to)]).toEqual(
          partitionOf(tenant, scheduleId, from) === partitionOf(tenant, scheduleId, to)
            ? ["settled", "settled"]
            : ["old", "new"],
        );
      }),
    );
  });

  it.each([
    { partition: "01", tenant: "acme", scheduleId: "a" },
    { partition: "x", tenant: "acme", scheduleId: "a" },
    { partition: "0", tenant: "ac me", scheduleId: "a" },
    { partition: "9", tenant: "acme", scheduleId: "a" },
  ])("leaves alone a key that no schedule can have: %j", (place) => {
    expect(standingOf(place, { from: 1, to: 2 })).toBe("stray");
  });
});

describe("restated", () => {
  const later = (revision: number): number => (revision === 0 ? 0 : revision + 100);

  it("names definitions as they were stored anew, wherever a state names one", () => {
    const state = {
      revision: 7,
      version: 3,
      owed: [
        { kind: "dispatch", revision: 6 },
        { kind: "dispatch", revision: 0 },
        { kind: "letter", dispatch: { revision: 5 } },
        { kind: "announcement", id: "a" },
      ],
      retries: [{ dispatch: { revision: 7 }, retryAt: 1 }],
      memory: { sequence: 7 },
    };
    expect(restated(state, later)).toEqual({
      revision: 107,
      version: 3,
      owed: [
        { kind: "dispatch", revision: 106 },
        { kind: "dispatch", revision: 0 },
        { kind: "letter", dispatch: { revision: 105 } },
        { kind: "announcement", id: "a" },
      ],
      retries: [{ dispatch: { revision: 107 }, retryAt: 1 }],
      memory: { sequence: 7 },
    });
  });

  it.each([
    null,
    "text",
    [1],
    {},
    { revision: "7", owed: null, retries: { dispatch: 1 } },
    { owed: [null, 5] },
  ])("leaves what it does not know as it is: %j", (value) => {
    expect(restated(value, later)).toEqual(value);
  });
});
