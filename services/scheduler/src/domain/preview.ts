/** When a schedule, or a trigger that nobody has saved, would fire: nominal instants, the trigger in words, and what is worth a look. */

import type { Trigger, Warning } from "@carillon/contracts";
import type { Defaults } from "./definition.ts";
import type { EpochMs } from "./instant.ts";
import { occurrencesOf, withRounds } from "./occurrences.ts";
import { clockChanges, compile, describe, preview, resolve, type TriggerFault } from "./recurrence/index.ts";
import { accept, type Checked, rejectAt } from "./rejection.ts";
import type { Schedule } from "./schedule.ts";
import { inactiveWarnings, warningsOf } from "./warnings.ts";

/** `after`: exclusive; null: from now on. `count`: how many instants, at most. */
export interface Asked {
  now: EpochMs;
  after: EpochMs | null;
  count: number;
}

export interface Preview {
  times: EpochMs[];
  text: string;
  warnings: Warning[];
}

/** Of a schedule as it stands; see occurrencesOf. */
export function previewSchedule(schedule: Schedule, { now, after, count }: Asked): Preview {
  const from = after ?? now;
  return {
    times: occurrencesOf(schedule, { now, after: from, count }),
    text: describe(schedule.record.effective.trigger),
    warnings: [...inactiveWarnings(schedule), ...warningsOf(schedule, now, from)],
  };
}

/**
 * Of a trigger as if it were accepted now; or at `after`, where that is earlier. Refuses what `create` would refuse. Without `after` an
 * occurrence at this very instant counts, as it would then.
 */
export function previewTrigger(
  trigger: Trigger,
  { now, after, count }: Asked,
  { timezone, lookaheadMs }: Pick<Defaults, "timezone" | "lookaheadMs">,
): Checked<Preview> {
  const acceptedAt = Math.min(now, after ?? now);
  const resolved = resolve(trigger, {
    acceptedAt,
    startAt: null,
    defaultTimezone: timezone,
    lookaheadMs: lookaheadMs + now - acceptedAt,
  });
  if (!resolved.ok) return refuse(resolved.fault);
  const foreseen = withRounds(resolved.trigger, (delayMs) => acceptedAt + delayMs);
  const compiled = compile(foreseen, acceptedAt);
  if (!compiled.ok) return refuse(compiled.fault);
  const from = after ?? now - 1;
  return accept({
    times: preview(compiled.recurrence, from, count),
    text: describe(resolved.trigger),
    warnings: clockChanges(resolved.trigger, from, Number.POSITIVE_INFINITY),
  });
}

const refuse = ({ code, path, message }: TriggerFault) => rejectAt(code, path, message);
