/**
 * Recurrence rules beside rrule.js: the next time after an instant that lies eleven months, or twenty years, behind
 * DTSTART. Every question is asked at a place of its own, so that no remembered answer helps.
 */

import rruleLibrary from "rrule";
import { compile } from "../../services/scheduler/src/domain/recurrence/index.ts";
import { type Figure, figure, microsecondsEach } from "./figure.ts";

const START = Date.UTC(2026, 0, 5, 9);
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const DISTANCES = [
  { name: "11 months", ms: 334 * DAY_MS },
  { name: "20 years", ms: 7_305 * DAY_MS },
];

/** `peerCalls`: how often the library is asked; its search begins at DTSTART each time. */
const RULES = [
  { name: "weekly in a zone, BYDAY BYHOUR", rule: "FREQ=WEEKLY;BYDAY=MO,WE,FR;BYHOUR=9,17", peerCalls: 2 },
  { name: "weekly, COUNT=10000", rule: "FREQ=WEEKLY;BYDAY=MO,WE,FR;BYHOUR=9,17;COUNT=10000", peerCalls: 2 },
  { name: "monthly, last Friday", rule: "FREQ=MONTHLY;BYDAY=-1FR", peerCalls: 2 },
  { name: "daily, INTERVAL=3", rule: "FREQ=DAILY;INTERVAL=3", peerCalls: 2 },
  { name: "minutely, BYHOUR", rule: "FREQ=MINUTELY;BYHOUR=9", peerCalls: 1 },
];
/** Further off the library is busy for seconds a call with the shortest of them. */
const PEER_OCCURRENCES_MAX = 50_000;
const PEER_OCCURRENCES_MAX_QUICK = 10_000;
const TARGET = { timesCheaper: 50 };

export function rruleFigures(quick: boolean): Figure[] {
  const calls = quick ? 20_000 : 200_000;
  const occurrencesMax = quick ? PEER_OCCURRENCES_MAX_QUICK : PEER_OCCURRENCES_MAX;
  return RULES.flatMap(({ name, rule, peerCalls }) => {
    const next = productNext(rule);
    const library = rruleLibrary.rrulestr(`DTSTART;TZID=America/New_York:20260105T090000\nRRULE:${rule}`);
    return DISTANCES.map((distance) => {
      const from = START + distance.ms;
      const passed = rule.startsWith("FREQ=MINUTELY") ? (distance.ms / DAY_MS) * 60 : 0;
      return figure({
        name: `rrule ${name}, ${distance.name} from DTSTART`,
        unit: "µs",
        product: () =>
          microsecondsEach(calls, () => {
            for (let n = 0; n < calls; n++) next(from + spread(n));
          }),
        ...(passed > occurrencesMax
          ? {}
          : {
              peer: {
                name: "rrule.after()",
                measure: () =>
                  microsecondsEach(peerCalls, () => {
                    for (let n = 0; n < peerCalls; n++) library.after(new Date(from + spread(n)));
                  }),
              },
              target: TARGET,
            }),
      });
    });
  });
}

/** Places in a year, all different and in no order, so that neighbours seldom share a gap between occurrences. */
const spread = (n: number): number => (n * 7_919 * MINUTE_MS) % (365 * DAY_MS);

function productNext(rule: string): (after: number) => number | null {
  const compiled = compile(
    {
      type: "rrule",
      rrule: `DTSTART:20260105T090000\nRRULE:${rule}`,
      timezone: "America/New_York",
      dst: { gap: "shift", overlap: "first" },
    },
    START,
  );
  if (!compiled.ok) throw new Error(compiled.fault.message);
  const { recurrence } = compiled;
  return (after) => recurrence.next(after);
}
