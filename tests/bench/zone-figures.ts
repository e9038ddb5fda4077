/** From an instant to local time: a segment that the zone remembers, beside a call of Temporal for each. */

import { findZone } from "../../services/scheduler/src/domain/recurrence/zone.ts";
import { type Figure, figure, microsecondsEach } from "./figure.ts";

const ZONE = "Africa/Casablanca";
const START = Date.UTC(2026, 0, 1);
const HOUR_MS = 3_600_000;
const PEER_CALLS = 50_000;

export function zoneFigures(quick: boolean): Figure[] {
  const calls = quick ? 200_000 : 2_000_000;
  const zone = findZone(ZONE);
  if (zone === null) throw new Error(`this platform has no ${ZONE}`);
  const instantOf = (n: number): number => START + ((n * 7_919) % 87_660) * HOUR_MS;
  return [
    figure({
      name: "zone, UTC offset at an instant of ten years",
      unit: "µs",
      product: () =>
        microsecondsEach(calls, () => {
          for (let n = 0; n < calls; n++) zone.segmentAt(instantOf(n));
        }),
      peer: {
        name: "Temporal",
        measure: () =>
          microsecondsEach(PEER_CALLS, () => {
            for (let n = 0; n < PEER_CALLS; n++) {
              void Temporal.Instant.fromEpochMilliseconds(instantOf(n)).toZonedDateTimeISO(ZONE)
                .offsetNanoseconds;
            }
          }),
      },
    }),
  ];
}
