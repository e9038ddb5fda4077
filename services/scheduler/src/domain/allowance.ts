/**
 * Which entries of a tenant allow a subject. Asked for every fire, so a subject is matched against the patterns once, and the
 * answer is remembered.
 */

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

/** Answers remembered for one tenant; at this number they are forgotten and gathered anew. */
const ANSWERS_MAX = 10_000;

/** The question "what do these rules say of a literal subject?"; null: no rule allows it. */
export function allowances(rules: readonly Rule[]): (subject: string) => Allowance | null {
  const answers = new Map<string, Allowance | null>();
  return (subject) => {
    const known = answers.get(subject);
    if (known !== undefined) return known;
    const answer = allowanceOf(rules, subject);
    if (answers.size >= ANSWERS_MAX) answers.clear();
    answers.set(subject, answer);
    return answer;
  };
}

function allowanceOf(rules: readonly Rule[], subject: string): Allowance | null {
  const matching = rules.filter((rule) => matchesSubject(rule.subject, subject));
  if (matching.length === 0) return null;
  return {
    literal: matching.some((rule) => isLiteralSubject(rule.subject)),
    checks: matching.flatMap(({ checkPayload }) => (checkPayload === null ? [] : [checkPayload])),
  };
}
