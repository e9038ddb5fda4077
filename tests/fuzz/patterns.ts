/**
 * Every regular expression of the product, as its sources and schemas write it, against long text made for each to go
 * back in. What is linear takes a few milliseconds for 100 KB; what is not takes seconds.
 */

import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "../..");
const CHARACTERS = 100_000;

/** A regular expression between what can stand around one: never a division, a comment or a path. */
const LITERAL =
  /(?<=[=(,:\s!?|&[])\/(?![/*\s])((?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+)\/([a-z]*)(?=[.,;)\s\]])/g;

export interface Pattern {
  readonly source: string;
  readonly flags: string;
  readonly file: string;
}

export function patternsOfTheProduct(): readonly Pattern[] {
  const sources = globSync(["contracts/src/**/*.ts", "services/scheduler/src/**/*.ts"], { cwd: ROOT })
    .filter((file) => !/test|generated/.test(file))
    .flatMap((file) =>
      [...textOf(file).matchAll(LITERAL)].map(([, source = "", flags = ""]) => ({ source, flags, file })),
    );
  const schemas = globSync("schemas/*.json", { cwd: ROOT }).flatMap((file) =>
    [...textOf(file).matchAll(/"pattern": ("(?:[^"\\]|\\.)*")/g)].map(([, text = ""]) => ({
      source: JSON.parse(text),
      flags: "u",
      file,
    })),
  );
  return [...sources, ...schemas].filter(isExpression);
}

/** What stands between two slashes may be something else. */
function isExpression({ source, flags }: Pattern): boolean {
  try {
    return new RegExp(source, flags) !== null;
  } catch {
    return false;
  }
}

const textOf = (file: string): string => readFileSync(join(ROOT, file), "utf8");

const REPEATED = [
  "a",
  "0",
  "-",
  "_",
  " ",
  ".",
  ":",
  "@",
  ",",
  ";",
  "=",
  "\n",
  "\r\n",
  "/",
  "~",
  "*",
  ">",
  '"',
  "\\",
  "é",
  "\0",
  "a.",
  "a,",
  "a0",
  "u:p@",
  "FREQ=",
  "2026-01-01T00:00:00.1",
];
const LAST = ["", "!", "\n", "@"];

/** Milliseconds that the dearest of all texts takes; asked twice where it is dear, since other processes only add. */
export function dearest({ source, flags }: Pattern): number {
  const pattern = new RegExp(source, flags);
  const costOf = (text: string): number => {
    const began = performance.now();
    text.search(pattern);
    return performance.now() - began;
  };
  const texts = REPEATED.flatMap((part) => LAST.map((last) => part.repeat(CHARACTERS / part.length) + last));
  return texts.reduce((most, text) => {
    const cost = costOf(text);
    return cost <= most ? most : Math.max(most, Math.min(cost, costOf(text)));
  }, 0);
}
