/**
 * How long nothing came, cycle by cycle, by the clock of the server that stored the commands: of each schedule how late the latest of its
 * occurrences was, of each partition the longest silence.
 */

import type { Schedule } from "./fleet.ts";

/** Schedules of one partition, and what a fault cost them. */
export interface Gap {
  readonly partition: number;
  /** From due to stored, the worst of each schedule that fired since the fault. */
  readonly latenessMs: readonly number[];
  /** The longest time without any command. */
  readonly silenceMs: number;
}

export class Gaps {
  readonly #fleet: readonly Schedule[];
  readonly #worst = new Map<number, number>();
  readonly #silence = new Map<number, number>();
  readonly #lastAt = new Map<number, number>();
  #faultAt = Number.POSITIVE_INFINITY;

  constructor(fleet: readonly Schedule[]) {
    this.#fleet = fleet;
  }

  /** A cycle begins. */
  begin(faultAt: number): void {
    this.#faultAt = faultAt;
    this.#worst.clear();
    this.#silence.clear();
  }

  /** The fleet's `number`th schedule fired. */
  sent(number: number, dueAt: number, storedAt: number): void {
    const lagMs = storedAt - dueAt;
    const partition = this.#fleet[number]?.partition ?? Number.NaN;
    const lastAt = this.#lastAt.get(partition) ?? storedAt;
    this.#lastAt.set(partition, Math.max(storedAt, lastAt));
    if (storedAt < this.#faultAt) return;
    this.#worst.set(number, Math.max(lagMs, this.#worst.get(number) ?? lagMs));
    this.#silence.set(partition, Math.max(storedAt - lastAt, this.#silence.get(partition) ?? 0));
  }

  /** What the cycle cost so far, by partition. */
  read(): ReadonlyMap<number, Gap> {
    const lateness = new Map<number, number[]>();
    for (const [number, worstMs] of this.#worst) {
      const partition = this.#fleet[number]?.partition ?? Number.NaN;
      const those = lateness.get(partition) ?? [];
      those.push(worstMs);
      lateness.set(partition, those);
    }
    return new Map(
      [...lateness].map(([partition, latenessMs]) => [
        partition,
        { partition, latenessMs, silenceMs: this.#silence.get(partition) ?? 0 },
      ]),
    );
  }
}
