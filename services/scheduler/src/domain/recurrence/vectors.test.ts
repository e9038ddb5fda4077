import { readFileSync } from "node:fs";
import type { EffectiveTrigger, Trigger } from "@carillon/contracts";
import { describe, expect, it } from "vitest";
import { formatInstant, parseInstant } from "../instant.ts";
import { compile, resolve } from "./index.ts";

interface Vector {
  id: string;
  source: string;
  kind: "next" | "match" | "nomatch" | "never" | "error";
  expr: string;
  tz: string;
  from?: string;
  expected?: string[];
  notExpected?: string[];
  complete?: true;
}

const load = (name: string): Vector[] =>
  JSON.parse(readFileSync(new URL(`./vectors/${name}.json`, import.meta.url), "utf8"));

const EARLY = Date.UTC(1970, 0, 1);

/** The trigger as it would have been accepted long before the case's own instants. */
function accepted(trigger: Trigger): EffectiveTrigger {
  const resolved = resolve(trigger, {
    acceptedAt: EARLY,
    startAt: null,
    defaultTimezone: "UTC",
    lookaheadMs: 0,
  });
  if (!resolved.ok) throw new Error(`${resolved.fault.code}: ${resolved.fault.message}`);
  return resolved.trigger;
}

/** What comes after `from`: as many instants as the case expects, and one more where its list is the whole set. */
function occurrences(trigger: Trigger, after: number, { expected = [], complete, kind }: Vector): string[] {
  const compiled = compile(accepted(trigger), EARLY);
  if (!compiled.ok) throw new Error(compiled.fault.code);
  const times: string[] = [];
  const wanted = kind === "nomatch" ? 1 : expected.length + (complete ? 1 : 0);
  let at = compiled.recurrence.next(after);
  while (at !== null && times.length < wanted) {
    times.push(formatInstant(at).replace(".000Z", "Z"));
    at = compiled.recurrence.next(at);
  }
  return times;
}

/**
 * Cases of one project that RFC 5545 forbids, and that other projects' cases demand to be refused: the RFC
 * decides. Parts that the frequency must not have (§3.3.10), and an UNTIL that must be UTC.
 */
const FORBIDDEN = new Set(
  [
    ...["0046", "0047", "0048", "0049", "0075", "0076", "0077", "0078", "0104", "0105", "0106"], // BYYEARDAY
    "0068", // BYMONTHDAY with WEEKLY
    "0072", // a numbered weekday with WEEKLY
  ].map((number) => `rrule-dateutil-${number}`),
).add("rrule-sabre-0642"); // UNTIL without Z beside TZID

function check(vector: Vector, trigger: Trigger, after: number): void {
  if (vector.kind === "error" || vector.kind === "never") {
    const resolved = resolve(trigger, {
      acceptedAt: after + 1,
      startAt: null,
      defaultTimezone: "UTC",
      lookaheadMs: 0,
    });
    const codes = vector.kind === "never" ? ["never_fires"] : ["invalid_trigger", "invalid_timezone"];
    expect(codes).toContain(resolved.ok ? "accepted" : resolved.fault.code);
    return;
  }
  const times = occurrences(trigger, after, vector);
  if (vector.kind === "nomatch") expect(vector.notExpected).not.toContain(times[0]);
  else expect(times).toEqual(vector.expected);
}

describe("cron cases of other projects", () => {
  it.each(load("cron"))("$id $expr", (vector) => {
    const trigger = { type: "cron", expression: vector.expr, timezone: vector.tz } as const;
    check(vector, trigger, parseInstant(vector.from ?? "") ?? EARLY);
  });
});

describe("rrule cases of other projects", () => {
  it.each(load("rrule"))("$id $expr", (vector) => {
    const trigger = { type: "rrule", rrule: vector.expr, timezone: vector.tz } as const;
    const kind = FORBIDDEN.has(vector.id) ? "error" : vector.kind;
    check({ ...vector, kind }, trigger, (parseInstant(vector.from ?? "") ?? EARLY + 1) - 1);
  });
});
