/** Colours for a terminal that wants them, and none for one that does not. */

export type Paint = { readonly [Name in keyof typeof CODES]: (text: string) => string };

/** SGR parameters (ECMA-48). */
const CODES = {
  strong: "1",
  dim: "2",
  good: "32",
  warn: "33",
  bad: "31",
  accent: "36",
} as const;

export function paint(inColour: boolean): Paint {
  const brush =
    (code: string) =>
    (text: string): string =>
      inColour && text !== "" ? `\x1b[${code}m${text}\x1b[0m` : text;
  return {
    strong: brush(CODES.strong),
    dim: brush(CODES.dim),
    good: brush(CODES.good),
    warn: brush(CODES.warn),
    bad: brush(CODES.bad),
    accent: brush(CODES.accent),
  };
}
