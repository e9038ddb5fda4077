import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { STORED_AT } from "../testing/builders.ts";
import { cursorOf, followerOf, type Place, placeOf } from "./place.ts";

const SINCE = STORED_AT;
const UNTIL = STORED_AT + 12;
const IDS = ["a", "b", "c", "d", "e", "f", "g"];
const BEGIN: Place = { until: UNTIL, from: SINCE, after: null, through: null, begun: [] };

/** How far a part gets, and about how many of the schedules in question. */
const step = fc.record({
  milliseconds: fc.integer({ min: 0, max: 6 }),
  schedules: fc.integer({ min: 1, max: 7 }),
});

describe("a verification in parts", () => {
  it("covers each instant of each schedule once, however far each part gets", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const covered: string[] = [];
        let place: Place | null = BEGIN;
        for (let n = 0; place !== null; n++) {
          const { milliseconds, schedules } = steps[n] ?? { milliseconds: 12, schedules: 7 };
          const { from, after, through } = place;
          const ahead = IDS.filter((id) => after === null || id > after);
          const wanted = ahead.filter((id) => through === null || id <= through).slice(0, schedules);
          const reachedAt = Math.min(UNTIL, from + milliseconds);
          for (const id of wanted) for (let at = from; at < reachedAt; at++) covered.push(`${id} ${at}`);
          const last = wanted.at(-1) ?? null;
          place = followerOf(place, SINCE, { reachedAt, through: last === ahead.at(-1) ? null : last });
          if (place !== null) expect(placeOf(cursorOf(place))).toEqual(place);
        }
        const all = IDS.flatMap((id) => Array.from({ length: 12 }, (_, at) => `${id} ${SINCE + at}`));
        expect(covered.sort()).toEqual(all.sort());
      }),
      { numRuns: 500 },
    );
  });

  it("takes no cursor but its own", () => {
    const cursors = ["", "a", "bm90IG91cnM", cursorOf({ ...BEGIN, from: UNTIL + 1 }), `${cursorOf(BEGIN)}A`];
    expect(cursors.map(placeOf)).toEqual(cursors.map(() => null));
  });
});
