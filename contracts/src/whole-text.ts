/*
 * Texts in one piece. V8 keeps what was cut out of a text, or put together of several, as a reference to those, which then live for as long
 * as it does; and JSON.stringify leaves its fast path at the first such text, so that the whole value takes two to three times as long.
 * So whatever is stored or told many times is joined, which makes one piece, and not concatenated.
 */

/** Shorter ones are copied when they are cut out or put together. */
const PIECES_MIN = 13;

/** The same text in a piece of its own. */
export const wholeText = (text: string): string =>
  text.length < PIECES_MIN ? text : [text.slice(0, 1), text.slice(1)].join("");
