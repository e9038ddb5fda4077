/**
 * Figures of a benchmark: what the product costs, beside what its peer costs in the same run. Every figure is the median of
 * three repeats, product and peer in turn, so that whatever else the machine does hits both.
 */

export interface Figure {
  readonly name: string;
  readonly unit: "µs" | "ms" | "bytes";
  readonly value: number;
  readonly peer: { readonly name: string; readonly value: number } | null;
  /** What is demanded: so many times cheaper than the peer, or no more than so many units. Null: it is only told. */
  readonly target: { readonly timesCheaper: number } | { readonly most: number } | null;
}

export interface Bench {
  readonly name: string;
  readonly what: string;
  /** `quick`: a tenth of the work, for a look; not for the record. */
  run(options: { readonly quick: boolean }): Outcome;
}

export interface Outcome {
  readonly figures: readonly Figure[];
  /** Lines below the table. */
  readonly notes?: readonly string[];
}

export const REPEATS = 3;

type Measure = () => number;

export interface Compared {
  readonly name: string;
  readonly unit: Figure["unit"];
  readonly product: Measure;
  readonly peer?: { readonly name: string; readonly measure: Measure };
  readonly target?: NonNullable<Figure["target"]>;
}

export function figure({ name, unit, product, peer, target }: Compared): Figure {
  const values: number[] = [];
  const peerValues: number[] = [];
  for (let repeat = 0; repeat < REPEATS; repeat++) {
    // What the other one has left behind is not this one's to clear away.
    collect();
    values.push(product());
    collect();
    if (peer !== undefined) peerValues.push(peer.measure());
  }
  return {
    name,
    unit,
    value: median(values),
    peer: peer === undefined ? null : { name: peer.name, value: median(peerValues) },
    target: target ?? null,
  };
}

export const collect = (): void => globalThis.gc?.();

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, two) => one - two);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** Microseconds that one of `calls` takes, on average. */
export function microsecondsEach(calls: number, work: () => void): number {
  return (milliseconds(work) * 1000) / calls;
}

/** Of the processor's time, so that other processes add nothing. */
export function milliseconds(work: () => void): number {
  const before = process.threadCpuUsage();
  work();
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / 1000;
}

/** How many times cheaper than its peer; null where there is none. */
export const ratioOf = ({ value, peer }: Figure): number | null =>
  peer === null ? null : peer.value / value;

export function isMet(figure: Figure): boolean {
  const { target, value } = figure;
  if (target === null) return true;
  return "most" in target ? value <= target.most : (ratioOf(figure) ?? 0) >= target.timesCheaper;
}
