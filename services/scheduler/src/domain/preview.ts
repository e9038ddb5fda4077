/** When a schedule, or a trigger that nobody has saved, would fire: nominal instants, the trigger in words, and what is worth a look. */

import type { Trigger, Warning } from "@carillon/contracts";
import type { Defaults } from "./definition.ts";
import type { EpochMs } from "./instant.ts";
import { occurrencesOf, withRounds } from "./occurrences.ts";
import {
  clockChanges,
  compile,
  describe,
  isSpent,
  preview,
  type Recurrence,
  resolve,
  type TriggerFault,
} from "./recurrence/index.ts";
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
  const { times, warnings } = withCost(schedule.timeline, count, () =>
    occurrencesOf(schedule, { now, after: from, count }),
  );
  return {
    times,
    text: describe(schedule.record.effective.trigger),
    warnings: [...inactiveWarnings(schedule), ...warnings, ...warningsOf(schedule, now, from)],
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
  const { times, warnings } = withCost(compiled.recurrence, count, () =>
    preview(compiled.recurrence, from, count),
  );
  return accept({
    times,
    text: describe(resolved.trigger),
    warnings: [...warnings, ...clockChanges(resolved.trigger, from, Number.POSITIVE_INFINITY)],
  });
}

/** Times, and that there may be more where they are too dear to be found in one answer. */
function withCost(
  recurrence: Pick<Recurrence, "effort">,
  count: number,
  ask: () => EpochMs[],
): Pick<Preview, "times" | "warnings"> {
  const { spent } = recurrence.effort;
  const times = ask();
  if (times.length === count || !isSpent(recurrence, spent)) return { times, warnings: [] };
  const message = `only the first ${times.length}: they take long to find; for more ask with "after" the last`;
  return { times, warnings: [{ code: "trigger_too_complex", path: "/count", message }] };
}

const refuse = ({ code, path, message }: TriggerFault) => rejectAt(code, path, message);
