/** Which entries of a tenant allow a subject. */

import { type Fault, isLiteralSubject, matchesSubject } from "@carillon/contracts";

/** Faults of a payload against the schema of its target; none: it fits. Paths begin at the payload. */
export type CheckPayload = (payload: unknown) => readonly Fault[];

export interface Allowance {
  /** True: an entry without wildcards names the subject. */
  readonly literal: boolean;
  /** Of every entry that names the subject and has a schema; a payload must pass all of them. */
  readonly checks: readonly CheckPayload[];
}

export interface Rule {
  /** A subject pattern. */
  readonly subject: string;
  readonly checkPayload: CheckPayload | null;
}

/** What these rules say of a literal subject; null: no rule allows it. */
export function allowanceOf(rules: readonly Rule[], subject: string): Allowance | null {
  const matching = rules.filter((rule) => matchesSubject(rule.subject, subject));
  if (matching.length === 0) return null;
  return {
    literal: matching.some((rule) => isLiteralSubject(rule.subject)),
    checks: matching.flatMap(({ checkPayload }) => (checkPayload === null ? [] : [checkPayload])),
  };
}
