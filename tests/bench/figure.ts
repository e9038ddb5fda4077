/**
 * Figures of a benchmark: what the product costs or does, beside what its peer does in the same run. Every figure is the median
 * of three repeats, product and peer in turn, so that whatever else the machine does hits both.
 */

export interface Figure {
  readonly name: string;
  /** Of a rate more is better, of everything else less. */
  readonly unit: "µs" | "ms" | "s" | "bytes" | "MB" | "%" | `${string}/s`;
  readonly value: number;
  readonly peer: { readonly name: string; readonly value: number } | null;
  /** Null: it is only told. */
  readonly target: Target | null;
}

/** What is demanded: no more, or no less, than so many units, or a ratio to the peer; of costs so many times cheaper, or at most so many times as dear. */
export type Target =
  | { readonly most: number }
  | { readonly least: number }
  | { readonly timesCheaper: number }
  | { readonly timesAsDear: number }
  | { readonly timesAsMany: number };

export interface Bench {
  readonly name: string;
  readonly what: string;
  /** `quick`: a tenth of the work, for a look; not for the record. */
  run(options: { readonly quick: boolean }): Outcome | Promise<Outcome>;
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

/** The same figures measured anew in every repeat: the median of each, and all notes. Of a quick run there is one. */
export async function inRepeats(quick: boolean, measure: () => Promise<Outcome>): Promise<Outcome> {
  const runs: Outcome[] = [];
  for (let repeat = 0; repeat < (quick ? 1 : REPEATS); repeat++) runs.push(await measure());
  const figures = (runs[0]?.figures ?? []).map((first, index): Figure => {
    const same = runs.flatMap((run) => run.figures[index] ?? []);
    const peers = same.flatMap(({ peer }) => peer?.value ?? []);
    return {
      ...first,
      value: median(same.map(({ value }) => value)),
      peer: first.peer === null ? null : { ...first.peer, value: median(peers) },
    };
  });
  return { figures, notes: runs.flatMap(({ notes = [] }) => notes) };
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

/** How many times cheaper than its peer, or as the target counts; of a rate, how many times as much. Null where there is no peer. */
export function ratioOf({ value, peer, unit, target }: Figure): number | null {
  if (peer === null) return null;
  const ofPeer =
    unit.endsWith("/s") || (target !== null && ("timesAsDear" in target || "timesAsMany" in target));
  return ofPeer ? value / peer.value : peer.value / value;
}

/** What could not be measured is not met. */
export function isMet(figure: Figure): boolean {
  const { target, value } = figure;
  if (target === null) return true;
  if ("most" in target) return value <= target.most;
  if ("least" in target) return value >= target.least;
  const ratio = ratioOf(figure) ?? Number.NaN;
  if ("timesAsDear" in target) return ratio <= target.timesAsDear;
  return ratio >= ("timesCheaper" in target ? target.timesCheaper : target.timesAsMany);
}
