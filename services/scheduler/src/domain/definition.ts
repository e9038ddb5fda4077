/**
 * From a definition as written to one that can run: shape, trigger, bounds, with every default resolved once, at the instant at which it
 * was accepted.
 */

import { type EffectiveDefinition, equalJson, type ScheduleDefinition, validate } from "@carillon/contracts";
import { type EpochMs, parseInstant } from "./instant.ts";
import { compile, type Recurrence, resolve } from "./recurrence/index.ts";
import { accept, type Checked, reject, rejectAt, rejectFaults } from "./rejection.ts";

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
  const kept =
    previous !== null && equalJson(previous.definition.trigger, definition.trigger)
      ? previous.effective
      : null;
  const trigger = kept
    ? ({ ok: true, trigger: kept.trigger } as const)
    : resolve(definition.trigger, {
        acceptedAt,
        startAt: startAt === null ? null : parseInstant(startAt),
        defaultTimezone: defaults.timezone,
        lookaheadMs: defaults.lookaheadMs,
      });
  if (!trigger.ok) return rejectAt(trigger.fault.code, trigger.fault.path, trigger.fault.message);

  const effective = withDefaults(definition, trigger.trigger, defaults);
  const compiled = compile(effective.trigger, acceptedAt);
  if (!compiled.ok) return rejectAt(compiled.fault.code, compiled.fault.path, compiled.fault.message);
  return checkBounds(effective, compiled.recurrence, acceptedAt);
}

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

function checkBounds(
  effective: EffectiveDefinition,
  recurrence: Recurrence,
  acceptedAt: EpochMs,
): Checked<EffectiveDefinition> {
  const { trigger, jitterSeconds } = effective;
  const startAt =
    effective.startAt === null ? Number.NEGATIVE_INFINITY : (parseInstant(effective.startAt) ?? 0);
  const endAt = effective.endAt === null ? Number.POSITIVE_INFINITY : (parseInstant(effective.endAt) ?? 0);
  if (startAt >= endAt) {
    return rejectAt(
      "invalid_bounds",
      "/endAt",
      `endAt: ${effective.endAt}; expected later than startAt ${effective.startAt}`,
    );
  }
  if (trigger.type === "interval" && jitterSeconds > 0 && jitterSeconds >= trigger.everySeconds) {
    return rejectAt(
      "jitter_too_long",
      "/jitterSeconds",
      `jitterSeconds: ${jitterSeconds}; expected less than the interval of ${trigger.everySeconds} s`,
    );
  }
  if (trigger.type === "manual") return accept(effective);
  const firstAt = recurrence.next(Math.max(acceptedAt - 1, startAt - 1));
  if (firstAt === null || firstAt > endAt) {
    return reject(
      "never_fires",
      "trigger: it never fires; expected at least one occurrence ahead and within startAt and endAt",
      [
        {
          path: "/trigger",
          message: `no occurrence from ${effective.startAt ?? "now"} to ${effective.endAt ?? "the end of time"}`,
        },
      ],
    );
  }
  return accept(effective);
}
