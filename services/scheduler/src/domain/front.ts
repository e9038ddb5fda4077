/**
 * The first few of many, by schedule id, out of candidates that come in any order: it keeps a little more than it is asked for and sorts
 * now and then, so that a hundred thousand candidates cost one look each and never a sort of all.
 */

export class Front<T extends { readonly scheduleId: string }> {
  readonly #after: string;
  readonly #limit: number;
  #kept: T[] = [];
  /** What is not before this one is not among the first; null: nothing is known yet. */
  #bound: string | null = null;

  /** At most `limit`, after the id `after`; null: from the start. */
  constructor({ limit, after }: { limit: number; after: string | null }) {
    this.#limit = limit;
    this.#after = after ?? "";
  }

  /** Cheap: worth asking before anything else is asked of a candidate. */
  wants(scheduleId: string): boolean {
    return scheduleId > this.#after && (this.#bound === null || scheduleId < this.#bound);
  }

  /** A candidate that is wanted. */
  add(candidate: T): void {
    this.#kept.push(candidate);
    if (this.#kept.length > 2 * this.#enough) this.#trim();
  }

  /** In order. `more`: there were others after the last one. */
  first(): { items: readonly T[]; more: boolean } {
    this.#trim();
    return { items: this.#kept.slice(0, this.#limit), more: this.#kept.length > this.#limit };
  }

  /** One beyond the limit tells whether there are more. */
  get #enough(): number {
    return this.#limit + 1;
  }

  #trim(): void {
    this.#kept.sort(byId);
    if (this.#kept.length < this.#enough) return;
    this.#kept.length = this.#enough;
    this.#bound = this.#kept.at(-1)?.scheduleId ?? null;
  }
}

/** By code unit, as `<` compares, so that a cursor and an order mean the same. */
export const byId = (one: { readonly scheduleId: string }, two: { readonly scheduleId: string }): number =>
  one.scheduleId < two.scheduleId ? -1 : one.scheduleId > two.scheduleId ? 1 : 0;
