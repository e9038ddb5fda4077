/** Texts that many have in common, each kept once: of a million schedules most send to one of a few targets. */

export class CommonTexts {
  readonly #max: number;
  readonly #texts = new Map<string, string>();

  constructor(max: number) {
    this.#max = max;
  }

  /** The same text; null: there are more of them than are kept. */
  of(text: string): string | null {
    const known = this.#texts.get(text);
    if (known !== undefined) return known;
    if (this.#texts.size >= this.#max) return null;
    this.#texts.set(text, text);
    return text;
  }
}
