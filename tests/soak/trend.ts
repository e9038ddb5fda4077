/**
 * Whether a quantity rises over time. A heap goes up and down between collections, so what counts is its floor: the least
 * value of each slice of time, and the slope of a line through those.
 */

export interface Sample {
  readonly atMs: number;
  readonly value: number;
}

const SLICES = 6;
const MINUTE_MS = 60_000;

/** Rise per minute, by least squares over the floors; 0 of fewer than two slices. */
export function slopePerMinute(samples: readonly Sample[]): number {
  const floors = floorsOf(samples);
  const meanAt = mean(floors.map(({ atMs }) => atMs));
  const meanValue = mean(floors.map(({ value }) => value));
  let rise = 0;
  let run = 0;
  for (const { atMs, value } of floors) {
    rise += (atMs - meanAt) * (value - meanValue);
    run += (atMs - meanAt) ** 2;
  }
  return run === 0 ? 0 : (rise / run) * MINUTE_MS;
}

function floorsOf(samples: readonly Sample[]): Sample[] {
  const size = Math.max(1, Math.ceil(samples.length / SLICES));
  const floors: Sample[] = [];
  for (let from = 0; from < samples.length; from += size) {
    const slice = samples.slice(from, from + size);
    floors.push(slice.reduce((least, sample) => (sample.value < least.value ? sample : least)));
  }
  return floors;
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
