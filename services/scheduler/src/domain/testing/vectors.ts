/*
 * The cases of other projects (recurrence/vectors/) and what this project answers to them: instants, or the code
 * of a refusal. Shared by the test that judges the answers and by the one that asks in other time zones.
 */
import { readFileSync } from "node:fs";
import type { Trigger } from "@carillon/contracts";
import { formatInstant, parseInstant } from "../instant.ts";
import { compile, preview, type Resolved, resolve } from "../recurrence/index.ts";

export type Kind = "cron" | "rrule";

export interface Vector {
  readonly id: string;
  readonly source: string;
  /** How far other projects agree; see recurrence/vectors/README.md. */
  readonly tier: "core" | "dst" | "and" | "never" | "dialect";
  readonly kind: "next" | "match" | "nomatch" | "never" | "error";
  readonly expr: string;
  readonly tz: string;
  readonly dayMatch?: "or" | "and";
  readonly from?: string;
  readonly expected?: readonly string[];
  readonly notExpected?: readonly string[];
  readonly complete?: true;
}

/** Cases that are answered otherwise than their source wants, by reason. */
export interface Difference {
  readonly because: string;
  readonly answers: Readonly<Record<string, Answer>>;
}

/** Instants in order, or the code of a refusal. */
export type Answer = readonly string[] | string;

const read = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../recurrence/vectors/${name}.json`, import.meta.url), "utf8"));

export const vectorsOf = (kind: Kind): Vector[] => read(kind) as Vector[];
export const differencesOf = (kind: Kind): Difference[] => read(`${kind}-differences`) as Difference[];

const EARLY = Date.UTC(1970, 0, 1);

const accepted = (acceptedAt: number) => ({
  acceptedAt,
  startAt: null,
  defaultTimezone: "UTC",
  lookaheadMs: 0,
});

function triggerOf(kind: Kind, { expr, tz, dayMatch = "or" }: Vector): Trigger {
  return kind === "cron"
    ? { type: "cron", expression: expr, timezone: tz, dayMatch }
    : { type: "rrule", rrule: expr, timezone: tz };
}

/** As if accepted long before the case's own instants. */
export const resolvedOf = (kind: Kind, vector: Vector): Resolved =>
  resolve(triggerOf(kind, vector), accepted(EARLY));

/** As many instants as the case names, and one more where its list is the whole set; one where it names none. */
export function answer(kind: Kind, vector: Vector): Answer {
  const fromAt = parseInstant(vector.from ?? "") ?? EARLY;
  const after = kind === "cron" ? fromAt : fromAt - 1;
  // Accepted long before the case's own instants, unless they are what makes it end.
  const mayEnd = vector.kind === "error" || vector.kind === "never";
  const acceptedAt = mayEnd ? after + 1 : EARLY;
  const resolved = resolve(triggerOf(kind, vector), accepted(acceptedAt));
  const compiled = resolved.ok ? compile(resolved.trigger, acceptedAt) : resolved;
  if (!compiled.ok) return compiled.fault.code;
  const count = (vector.expected?.length ?? 0) + (vector.complete ? 1 : 0);
  return preview(compiled.recurrence, after, Math.max(1, count)).map((at) =>
    formatInstant(at).replace(".000Z", "Z"),
  );
}

/** Whether an answer is what the case's source wants. In the tier `never`, to find nothing and to refuse are one. */
export function agrees({ kind, tier, expected, notExpected }: Vector, given: Answer): boolean {
  if (typeof given === "string") {
    if (kind !== "error" && kind !== "never") return false;
    return tier === "never" || (kind === "never") === (given === "never_fires");
  }
  if (kind === "nomatch") return !(notExpected ?? []).includes(given[0] ?? "");
  return (kind === "next" || kind === "match") && JSON.stringify(given) === JSON.stringify(expected);
}
