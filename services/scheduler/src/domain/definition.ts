/**
 * From a definition as written to one that can run: shape, trigger, bounds, with every default resolved once, at the instant at which it
 * was accepted.
 */

import { type EffectiveDefinition, equalJson, type ScheduleDefinition, validate } from "@carillon/contracts";
import { sharingParts } from "./alike.ts";
import { type EpochMs, parseInstant } from "./instant.ts";
import { resolve } from "./recurrence/index.ts";
import { accept, type Checked, rejectAt, rejectFaults } from "./rejection.ts";

/** Settings that stand in for what a definition leaves out. */
export interface Defaults {
  timezone: string;
  graceSeconds: number;
  maxConcurrent: number;
  maxAttempts: number;
  retryDelaySeconds: number;
  keepSeconds: number;
  /** An `at` further away than this is refused. */
  lookaheadMs: number;
}

const PRIORITIES = { low: 2, normal: 5, high: 8, critical: 10 } as const;

/** `previous`: the effective definition that this one replaces; an unchanged trigger keeps its anchor, zone and DTSTART. */
export interface Acceptance {
  acceptedAt: EpochMs;
  defaults: Defaults;
  previous: { definition: ScheduleDefinition; effective: EffectiveDefinition } | null;
}

export function parseDefinition(value: unknown): Checked<ScheduleDefinition> {
  const faults = validate.definition(value);
  return faults.length > 0 ? rejectFaults("invalid_definition", faults) : accept(value as ScheduleDefinition);
}

export function resolveDefinition(
  definition: ScheduleDefinition,
  { acceptedAt, defaults, previous }: Acceptance,
): Checked<EffectiveDefinition> {
  const mode = definition.completion?.mode ?? "published";
  if (mode !== "published") {
    return rejectAt(
      "not_supported",
      "/completion/mode",
      `completion mode "${mode}" is not supported yet; expected "published"`,
    );
  }
  const startAt = definition.startAt ?? null;
  const kept = previous !== null && keepsTrigger(previous.definition, definition) ? previous.effective : null;
  const trigger = kept
    ? ({ ok: true, trigger: kept.trigger } as const)
    : resolve(definition.trigger, {
        acceptedAt,
        startAt: startAt === null ? null : parseInstant(startAt),
        defaultTimezone: defaults.timezone,
        lookaheadMs: defaults.lookaheadMs,
      });
  if (!trigger.ok) return rejectAt(trigger.fault.code, trigger.fault.path, trigger.fault.message);

  return checkBounds(sharingParts(withDefaults(definition, trigger.trigger, defaults)));
}

/** The same as written; and `startAt`, which stands in for the DTSTART that an rrule lacks, is the same too. */
const keepsTrigger = (before: ScheduleDefinition, after: ScheduleDefinition): boolean =>
  equalJson(before.trigger, after.trigger) &&
  (after.trigger.type !== "rrule" || equalJson(before.startAt ?? null, after.startAt ?? null));

function withDefaults(
  definition: ScheduleDefinition,
  trigger: EffectiveDefinition["trigger"],
  defaults: Defaults,
): EffectiveDefinition {
  const { target, misfire, overlap, retry, completion, priority } = definition;
  return {
    name: definition.name ?? null,
    description: definition.description ?? null,
    trigger,
    target: {
      subject: target.subject,
      delivery: target.delivery ?? "jetstream",
      headers: target.headers ?? {},
    },
    ...("payload" in definition ? { payload: definition.payload } : {}),
    startAt: definition.startAt ?? null,
    endAt: definition.endAt ?? null,
    maxExecutions: definition.maxExecutions ?? null,
    jitterSeconds: definition.jitterSeconds ?? 0,
    misfire: {
      policy: misfire?.policy ?? "fire_once",
      graceSeconds: misfire?.graceSeconds ?? defaults.graceSeconds,
      maxCatchUp: misfire?.maxCatchUp ?? 100,
    },
    overlap: {
      policy: overlap?.policy ?? "skip",
      maxConcurrent: overlap?.maxConcurrent ?? defaults.maxConcurrent,
    },
    retry: {
      maxAttempts: retry?.maxAttempts ?? defaults.maxAttempts,
      initialDelaySeconds: retry?.initialDelaySeconds ?? defaults.retryDelaySeconds,
      factor: retry?.factor ?? 2,
      maxDelaySeconds: retry?.maxDelaySeconds ?? 3600,
      jitterRatio: retry?.jitterRatio ?? 0.1,
    },
    completion: { mode: "published", timeoutSeconds: completion?.timeoutSeconds ?? null },
    disableAfterFailures: definition.disableAfterFailures ?? null,
    keepSeconds: definition.keepSeconds ?? defaults.keepSeconds,
    priority: typeof priority === "string" ? PRIORITIES[priority] : (priority ?? PRIORITIES.normal),
    tags: definition.tags ?? [],
    metadata: definition.metadata ?? {},
    enabled: definition.enabled ?? true,
  };
}

function checkBounds(effective: EffectiveDefinition): Checked<EffectiveDefinition> {
  const { trigger, jitterSeconds, startAt, endAt } = effective;
  const [from, until] = [startAt, endAt].map((text) => (text === null ? null : parseInstant(text)));
  if (typeof from === "number" && typeof until === "number" && from >= until) {
    return rejectAt("invalid_bounds", "/endAt", `endAt: ${endAt}; expected later than startAt ${startAt}`);
  }
  if (trigger.type === "interval" && jitterSeconds > 0 && jitterSeconds >= trigger.everySeconds) {
    return rejectAt(
      "jitter_too_long",
      "/jitterSeconds",
      `jitterSeconds: ${jitterSeconds}; expected less than the interval of ${trigger.everySeconds} s`,
    );
  }
  return accept(effective);
}
