/** Texts that many have in common, each kept once: of a million schedules most are of a few tenants, and send to a few targets. */

export class CommonTexts {
  readonly #max: number;
  readonly #texts = new Map<string, string>();

  constructor(max = Number.POSITIVE_INFINITY) {
    this.#max = max;
  }

  /** The same text; null: there are `max` others already. */
  of(text: string): string | null {
    const known = this.#texts.get(text);
    if (known !== undefined) return known;
    if (this.#texts.size >= this.#max) return null;
    // One that was cut out of a longer text would keep that in memory.
    const own = Buffer.from(text).toString();
    this.#texts.set(own, own);
    return own;
  }
}
