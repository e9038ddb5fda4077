/** What a worker does with a trigger that somebody sends: each of the two in one go, in which nothing else has its turn. */

import { parseJson, type Trigger, validate } from "@carillon/contracts";
import { previewTrigger } from "../../services/scheduler/src/domain/preview.ts";
import { compile, resolve } from "../../services/scheduler/src/domain/recurrence/index.ts";
import { DEFAULTS } from "../../services/scheduler/src/domain/testing/builders.ts";

const NOW = Date.parse("2026-11-21T09:00:00Z");
const TWENTY_YEARS_MS = 631_152_000_000;
const TIMES_MAX = 1_000;
/** As misfires are walked through (timeline.ts). */
const STEPS_MAX = 2_000;

export interface Answer {
  /** `ok`, or why it is refused. */
  readonly code: string;
  readonly trigger: Trigger | null;
}

/** A preview: read, check, resolve, compile, answer, look at clock changes, put into words. Throws where the product does. */
export function answer(body: string): Answer {
  const parsed = parseJson(body);
  if (!parsed.ok) return refused("invalid_json");
  if (validate.previewBody(parsed.value).length > 0) return refused("invalid_body");
  const { trigger } = parsed.value as { trigger: Trigger };
  const foreseen = previewTrigger(trigger, { now: NOW, after: null, count: TIMES_MAX }, DEFAULTS);
  if (!foreseen.ok) return refused(foreseen.error.code);
  return { code: "ok", trigger };
}

const refused = (code: string): Answer => ({ code, trigger: null });

/** After an absence of twenty years: occurrences are counted. */
export function catchUp(trigger: Trigger): void {
  const resolved = resolve(trigger, {
    acceptedAt: NOW,
    startAt: null,
    defaultTimezone: "UTC",
    lookaheadMs: DEFAULTS.lookaheadMs,
  });
  const compiled = resolved.ok ? compile(resolved.trigger, NOW) : resolved;
  if (compiled.ok) compiled.recurrence.tally(NOW, NOW + TWENTY_YEARS_MS, STEPS_MAX);
}
