/** Lengths of time as tests write them. */

import ms, { type StringValue } from "ms";

/** Milliseconds, or words such as `"1 day"`, `"90 minutes"`, `"2h"`; at least 0. */
export type Duration = number | StringValue;

/** Throws RangeError for what is no length of time. */
export function millisecondsOf(duration: Duration): number {
  const length = typeof duration === "number" ? duration : ms(duration);
  if (!Number.isFinite(length) || length < 0)
    throw new RangeError(
      `duration ${JSON.stringify(duration)}: expected milliseconds, or words such as "1 day"`,
    );
  return Math.round(length);
}
