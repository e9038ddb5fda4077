/**
 * Values of metric labels are bounded: each costs memory here and in Prometheus for as long as the process lives, and some of them
 * come out of what others send.
 */

import { isErrorCode, isWriteVerb } from "@carillon/contracts";

/** Different values of one label at most; every further one counts as OTHER. */
export const LABEL_VALUES_MAX = 50;

export const OTHER = "other";

/** A filter for one label, whose values are words of our own code, `known` ones among them; what does not look like one counts as OTHER. */
export function words(known: readonly string[] = []): (value: string) => string {
  const seen = new Set(known);
  return (value) => {
    if (seen.has(value)) return value;
    if (seen.size >= LABEL_VALUES_MAX || !/^[a-z][a-z0-9_]{0,39}$/.test(value)) return OTHER;
    seen.add(value);
    return value;
  };
}

/** Verbs are written by those who send commands. */
export const verbLabel = (verb: string): string => (isWriteVerb(verb) ? verb : OTHER);

export const codeLabel = (code: string): string => (isErrorCode(code) ? code : OTHER);
