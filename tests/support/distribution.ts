/** How values are spread, in a memory that does not grow with their number: counts of values rounded to about a hundredth. */

const DIGITS = 2;

export class Distribution {
  readonly #counts = new Map<number, number>();
  #total = 0;

  add(value: number): void {
    const rounded = Number(value.toPrecision(DIGITS));
    this.#counts.set(rounded, (this.#counts.get(rounded) ?? 0) + 1);
    this.#total++;
  }

  /** Nearest rank, `share` from 0 to 1; NaN of nothing. */
  percentile(share: number): number {
    let rank = Math.max(1, Math.ceil(this.#total * share));
    for (const [value, count] of [...this.#counts].sort(([one], [two]) => one - two)) {
      rank -= count;
      if (rank <= 0) return value;
    }
    return Number.NaN;
  }

  toString(): string {
    const [p50, p99, max] = [0.5, 0.99, 1].map((share) => this.percentile(share));
    return `p50 ${p50} p99 ${p99} max ${max} ms`;
  }
}
