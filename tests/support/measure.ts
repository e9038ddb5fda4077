/** Numbers for people: what a test measured, on the terminal whether or not it passes. */

/** Nearest-rank percentile, `share` from 0 to 1; NaN of nothing. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((one, two) => one - two);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}

/** `p50 1.2 p99 8.0 max 9.1 ms`. */
export function percentiles(values: readonly number[]): string {
  const [p50, p99, max] = [0.5, 0.99, 1].map((share) => percentile(values, share).toFixed(1));
  return `p50 ${p50} p99 ${p99} max ${max} ms`;
}

export const say = (line: string): void => void process.stdout.write(`      ${line}\n`);
