/*
 * A trigger as written, with everything that its author left out fixed once: zone, clock-change policy, anchor,
 * DTSTART. After this nothing about its occurrences depends on settings or on when somebody asks.
 */
import type { DstOptions, DstPolicy, EffectiveTrigger, Trigger } from "@carillon/contracts";
import { type EpochMs, formatInstant, isInstant, parseInstant } from "../instant.ts";
import { SEARCH_STEPS_MAX } from "./budget.ts";
import { DAY_MS } from "./civil.ts";
import { badDuration, badInstant, badZone, compile } from "./compile.ts";
import { parseEvery } from "./cron/every.ts";
import { isWildcard } from "./cron/expression.ts";
import { fault, type TriggerFault } from "./fault.ts";
import { everyMs } from "./interval.ts";
import { RruleFault } from "./rrule/fault.ts";
import { formatWall } from "./rrule/moment.ts";
import { parseRecurrenceText } from "./rrule/text.ts";
import { wallOf } from "./wall-timeline.ts";
import { findZone, type Zone } from "./zone.ts";

export interface Acceptance {
  /** When NATS stored the command. */
  readonly acceptedAt: EpochMs;
  /** The definition's own `startAt`: stands in for a missing DTSTART. */
  readonly startAt: EpochMs | null;
  readonly defaultTimezone: string;
  /** An `at` further away is refused. */
  readonly lookaheadMs: number;
}

export type Resolved = { ok: true; trigger: EffectiveTrigger } | { ok: false; fault: TriggerFault };

type Written<Type extends Trigger["type"]> = Extract<Trigger, { type: Type }>;

export function resolve(trigger: Trigger, context: Acceptance): Resolved {
  switch (trigger.type) {
    case "cron":
      return resolveCron(trigger, context);
    case "rrule":
      return ifItFires(resolveRrule(trigger, context), context.acceptedAt);
    case "interval":
      return resolveInterval(trigger, context.acceptedAt);
    case "at":
      return resolveAt(trigger, context);
    default: {
      const compiled = compile(trigger, context.acceptedAt);
      return compiled.ok ? { ok: true, trigger } : compiled;
    }
  }
}

const CRON_DST: DstPolicy = { gap: "next", overlap: "first" };
const RRULE_DST: DstPolicy = { gap: "shift", overlap: "first" };

/** `@every` becomes the interval that it means; zone, day match and clock changes mean nothing to it. */
function resolveCron(trigger: Written<"cron">, { acceptedAt, defaultTimezone }: Acceptance): Resolved {
  const { expression, dayMatch = "or", dst } = trigger;
  const zone = findZone(trigger.timezone ?? defaultTimezone);
  if (zone === null) return badZone("/trigger/timezone", trigger.timezone ?? defaultTimezone);
  const every = parseEvery(expression);
  if (every?.ok) return resolveInterval({ type: "interval", everySeconds: every.everySeconds }, acceptedAt);
  if (every !== null) return fault("invalid_trigger", "/trigger/expression", every.message);
  // What else is wrong with it is found where it is compiled, once for all who share it.
  const policy = isUnset(dst) && isWildcard(expression) ? null : withDefaults(dst, CRON_DST);
  return ifItFires(
    { ok: true, trigger: { type: "cron", expression, timezone: zone.name, dayMatch, dst: policy } },
    acceptedAt,
  );
}

function isUnset(dst: DstOptions | undefined): boolean {
  return dst?.gap === undefined && dst?.overlap === undefined;
}

function withDefaults(dst: DstOptions | undefined, defaults: DstPolicy): DstPolicy {
  return { gap: dst?.gap ?? defaults.gap, overlap: dst?.overlap ?? defaults.overlap };
}

function resolveRrule(trigger: Written<"rrule">, context: Acceptance): Resolved {
  const { rrule, dst } = trigger;
  const given = findZone(trigger.timezone ?? context.defaultTimezone);
  if (given === null) return badZone("/trigger/timezone", trigger.timezone ?? context.defaultTimezone);
  try {
    const { dtstart } = parseRecurrenceText(rrule);
    const text = dtstart === null ? `${missingStart(given, context)}\n${withName(rrule)}` : rrule.trim();
    const timezone = (dtstart?.zone ?? given).name;
    return { ok: true, trigger: { type: "rrule", rrule: text, timezone, dst: withDefaults(dst, RRULE_DST) } };
  } catch (error) {
    if (error instanceof RruleFault) return fault(error.code, "/trigger/rrule", error.message);
    throw error;
  }
}

/** The definition's `startAt`, else midnight of the day of creation, on the clock of the zone. */
function missingStart(zone: Zone, { startAt, acceptedAt }: Acceptance): string {
  const wall =
    startAt === null ? Math.floor(wallOf(acceptedAt, zone) / DAY_MS) * DAY_MS : wallOf(startAt, zone);
  return `DTSTART:${formatWall(wall)}`;
}

function withName(rrule: string): string {
  const text = rrule.trim();
  return text.includes(":") ? text : `RRULE:${text}`;
}

function resolveInterval({ everySeconds, startAt }: Written<"interval">, acceptedAt: EpochMs): Resolved {
  const stepMs = everyMs(everySeconds);
  if (stepMs === null) return badDuration("/trigger/everySeconds", everySeconds);
  const anchorAt = startAt === undefined ? acceptedAt + stepMs : parseInstant(startAt);
  if (anchorAt === null) return badInstant("/trigger/startAt", startAt ?? "");
  if (!isInstant(anchorAt)) return badDuration("/trigger/everySeconds", everySeconds);
  return { ok: true, trigger: { type: "interval", everySeconds, startAt: formatInstant(anchorAt) } };
}

function resolveAt(trigger: Written<"at">, { acceptedAt, lookaheadMs }: Acceptance): Resolved {
  const at = parseInstant(trigger.at);
  if (at === null) return badInstant("/trigger/at", trigger.at);
  if (at <= acceptedAt) {
    return fault(
      "at_in_past",
      "/trigger/at",
      `${trigger.at}: expected later than ${formatInstant(acceptedAt)}`,
    );
  }
  if (at - acceptedAt > lookaheadMs) {
    const days = Math.floor(lookaheadMs / DAY_MS);
    return fault("at_too_far", "/trigger/at", `${trigger.at}: expected at most ${days} days ahead`);
  }
  return { ok: true, trigger };
}

function ifItFires(resolved: Resolved, acceptedAt: EpochMs): Resolved {
  if (!resolved.ok) return resolved;
  const compiled = compile(resolved.trigger, acceptedAt);
  if (!compiled.ok) return compiled;
  if (compiled.recurrence.next(acceptedAt - 1) !== null) return resolved;
  const path = resolved.trigger.type === "cron" ? "/trigger/expression" : "/trigger/rrule";
  if (compiled.recurrence.effort.ranOut) {
    return fault(
      "trigger_too_complex",
      path,
      `no occurrence from ${formatInstant(acceptedAt)} on found within ${SEARCH_STEPS_MAX} steps of searching; expected one that is nearer`,
    );
  }
  return fault(
    "never_fires",
    path,
    `no occurrence from ${formatInstant(acceptedAt)} on; expected at least one`,
  );
}
