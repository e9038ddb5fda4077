/**
 * Texts that are there before a clock runs, as bytes: whoever makes them while it runs takes the processor from those who are measured.
 * Outside of the heap, which a million of them would keep busy.
 */

/** Texts in one buffer. */
const SHEET_SIZE = 1_000;

/** The text of each number below `count`, as UTF-8. */
export function writeDown(count: number, textOf: (n: number) => string): (n: number) => Uint8Array {
  const sheets = Array.from({ length: Math.ceil(count / SHEET_SIZE) }, (_, sheet) => {
    const from = sheet * SHEET_SIZE;
    const texts = Array.from({ length: Math.min(SHEET_SIZE, count - from) }, (_, n) => textOf(from + n));
    return sheetOf(texts);
  });
  return (n) => {
    const text = sheets[Math.floor(n / SHEET_SIZE)]?.(n % SHEET_SIZE);
    if (text === undefined) throw new RangeError(`text ${n} of ${count}`);
    return text;
  };
}

function sheetOf(texts: readonly string[]): (n: number) => Uint8Array | undefined {
  const bytes = Buffer.from(texts.join(""));
  const ends = new Uint32Array(texts.length);
  let end = 0;
  for (const [n, text] of texts.entries()) {
    end += Buffer.byteLength(text);
    ends[n] = end;
  }
  return (n) => (n < texts.length ? bytes.subarray(ends[n - 1] ?? 0, ends[n]) : undefined);
}
