/** The table of verbs that change a schedule. */

import type { WriteVerb } from "@carillon/contracts";
import type { Command } from "../command.ts";
import type { Effect, Rules } from "../decide.ts";
import type { Schedule } from "../schedule.ts";
import { decideApply, decideCreate, decideUpdate } from "./define.ts";
import { decideDelete } from "./delete.ts";
import { decidePause, decideResume } from "./pause.ts";
import { decideTrigger } from "./trigger.ts";

export interface Question {
  /** The schedule or its tombstone; null: neither. */
  current: Schedule | null;
  /** The schedule, unless it is deleted. */
  living: Schedule | null;
  command: Command;
  rules: Rules;
}

export interface Verb {
  /** Refused with `not_found` where there is no schedule. */
  needsSchedule: boolean;
  decide(question: Question): Effect;
}

export const VERBS: Readonly<Record<WriteVerb, Verb>> = {
  create: { needsSchedule: false, decide: decideCreate },
  apply: { needsSchedule: false, decide: decideApply },
  update: { needsSchedule: true, decide: decideUpdate },
  delete: { needsSchedule: true, decide: decideDelete },
  pause: { needsSchedule: true, decide: decidePause },
  resume: { needsSchedule: true, decide: decideResume },
  trigger: { needsSchedule: true, decide: decideTrigger },
};
