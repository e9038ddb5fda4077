/*
 * The verbs as methods: what each takes, and the body it makes. Written once; a sender decides whether a
 * command waits for its outcome or for its durable acceptance.
 */

import type { ResumeBody, ScheduleDefinition, TriggerBody } from "../generated/types.ts";
import type { DefinitionPatch } from "../index.ts";
import type { WriteVerb } from "../subjects/index.ts";

/** `Options` are the sender's, `Result` is what it resolves to. */
export interface Verbs<Options, Result> {
  /** A new schedule; an equal definition again changes nothing, another is `schedule_exists`. */
  create(scheduleId: string, definition: ScheduleDefinition, options?: Options): Promise<Result>;
  /** Creates or replaces. */
  apply(scheduleId: string, definition: ScheduleDefinition, options?: Options): Promise<Result>;
  /** Each field given replaces that field whole; null removes it. */
  update(scheduleId: string, patch: DefinitionPatch, options?: Options): Promise<Result>;
  delete(scheduleId: string, options?: Options): Promise<Result>;
  pause(scheduleId: string, options?: Options): Promise<Result>;
  /** `from` decides about occurrences under the pause; default `now`. */
  resume(scheduleId: string, body?: ResumeBody, options?: Options): Promise<Result>;
  /** Fires now, whatever the clock says. */
  trigger(scheduleId: string, body?: TriggerBody, options?: Options): Promise<Result>;
}

/** `body` undefined: an empty body. */
export type Send<Options, Result> = (
  verb: WriteVerb,
  scheduleId: string,
  body: unknown,
  options: Options | undefined,
) => Promise<Result>;

export const verbsOver = <Options, Result>(send: Send<Options, Result>) =>
  ({
    create: (scheduleId, definition, options) => send("create", scheduleId, definition, options),
    apply: (scheduleId, definition, options) => send("apply", scheduleId, definition, options),
    update: (scheduleId, patch, options) => send("update", scheduleId, patch, options),
    delete: (scheduleId, options) => send("delete", scheduleId, undefined, options),
    pause: (scheduleId, options) => send("pause", scheduleId, undefined, options),
    resume: (scheduleId, body, options) => send("resume", scheduleId, body, options),
    trigger: (scheduleId, body, options) => send("trigger", scheduleId, body, options),
  }) satisfies Verbs<Options, Result> & Record<WriteVerb, unknown>;
