// Generated from schemas/ by contracts/generate; do not edit.

/** What a code means: HTTP-like status, whether the same command may succeed later, text for people. */
export interface ErrorMeaning {
  readonly status: number;
  readonly retryable: boolean;
  readonly description: string;
  readonly help: string;
}

export const ERRORS = {
  bad_subject: {"status":400,"retryable":false,"description":"The subject fits no form of the grammar.","help":"Publish to cmd.scheduler.<tenant>.<verb>.<scheduleId>; tenant and scheduleId are 1 to 64 of A-Z a-z 0-9 _ -."},
  unknown_verb: {"status":404,"retryable":false,"description":"There is no such verb.","help":"The details list the verbs."},
  invalid_json: {"status":400,"retryable":false,"description":"The body is not JSON, or nests too deeply, or holds a number that is not finite, or names a member twice in one object.","help":"Send UTF-8 JSON, nested at most 64 levels."},
  invalid_body: {"status":400,"retryable":false,"description":"The body does not have the shape that the verb takes.","help":"See schemas/commands.schema.json."},
  invalid_definition: {"status":400,"retryable":false,"description":"The definition does not have the right shape.","help":"The details name each field; see schemas/definition.schema.json."},
  invalid_trigger: {"status":400,"retryable":false,"description":"The cron expression or recurrence rule cannot be read.","help":"Try it with the verb preview."},
  trigger_too_complex: {"status":400,"retryable":false,"description":"The trigger goes beyond a limit of length, number or search.","help":"The message names the limit. Use several schedules, an UNTIL instead of a COUNT, or a rule that fires more often."},
  invalid_timezone: {"status":400,"retryable":false,"description":"There is no such time zone.","help":"Use an IANA name such as Europe/Vienna."},
  never_fires: {"status":400,"retryable":false,"description":"The trigger names no instant in the future.","help":"Check day and month of the expression, COUNT and UNTIL of the rule, and startAt and endAt."},
  at_in_past: {"status":400,"retryable":false,"description":"The instant had passed when NATS stored the command.","help":"Use the trigger immediate to fire at once."},
  at_too_far: {"status":400,"retryable":false,"description":"The instant is further away than MAX_SCHEDULE_LOOKAHEAD_DAYS.","help":"Choose an earlier instant, or raise the limit."},
  invalid_bounds: {"status":400,"retryable":false,"description":"Two bounds contradict each other, such as startAt not before endAt.","help":"The details name the fields."},
  jitter_too_long: {"status":400,"retryable":false,"description":"jitterSeconds is not shorter than the distance between two occurrences.","help":"Choose a shorter jitter."},
  target_invalid: {"status":400,"retryable":false,"description":"The target's subject is malformed.","help":"A literal subject: no wildcard, space, control or non-ASCII character, no empty token, at most 255 characters."},
  target_reserved: {"status":403,"retryable":false,"description":"The target's subject is never allowed, whatever the tenants file says.","help":"Publish to a subject of the service that is meant to act."},
  target_not_allowed: {"status":403,"retryable":false,"description":"No entry of the tenants file allows the target.","help":"The message says the line to add to the tenants file."},
  payload_too_large: {"status":413,"retryable":false,"description":"The payload's JSON is longer than maxPayloadBytes, or the whole definition is too long.","help":"Send a reference instead, or raise the tenant's limit."},
  payload_invalid: {"status":400,"retryable":false,"description":"The payload does not fit the schema that the tenants file gives for its target.","help":"The details name each field."},
  invalid_header: {"status":400,"retryable":false,"description":"A control header has a value that cannot be used.","help":"See the list of headers in the README."},
  invalid_command_id: {"status":400,"retryable":false,"description":"The command id is malformed.","help":"<tenant>. and at most 128 of A-Z a-z 0-9 _ . : @ ~ -, random."},
  reply_subject_not_allowed: {"status":403,"retryable":false,"description":"Answers go only to reply subjects whose first token begins with _INBOX or is _R_.","help":"Use the inbox of your client."},
  reply_needs_uncaptured_target: {"status":400,"retryable":false,"description":"A stream captures the target, so its acknowledgement would be taken for the reply.","help":"Use completion mode reported, or a subject that no stream captures."},
  tenant_unknown: {"status":403,"retryable":false,"description":"The tenants file names no such tenant.","help":"Add the tenant to the tenants file."},
  not_found: {"status":404,"retryable":false,"description":"There is no such schedule.","help":"Check tenant and scheduleId."},
  schedule_exists: {"status":409,"retryable":false,"description":"Another schedule has this id.","help":"Use apply to replace it, or update to change it."},
  version_conflict: {"status":409,"retryable":false,"description":"Scheduler-Expected-Version is not the present version.","help":"Read the schedule, decide again, and send the present version."},
  schedule_not_active: {"status":409,"retryable":false,"description":"The schedule is completed or disabled.","help":"Start it anew with apply, or re-enable it with resume."},
  already_running: {"status":409,"retryable":true,"description":"An execution runs, and the overlap policy is skip.","help":"Wait for it, or choose another overlap policy."},
  quota_exceeded: {"status":429,"retryable":false,"description":"The tenant, or the creator in it, has as many schedules as it may have.","help":"Delete schedules, or raise the limit in the tenants file."},
  rate_limited: {"status":429,"retryable":true,"description":"Too many commands a second.","help":"Wait retryAfterMs, or raise the limit in the tenants file."},
  not_supported: {"status":400,"retryable":false,"description":"This version does not do that.","help":"See the CHANGELOG."},
  definition_unavailable: {"status":500,"retryable":false,"description":"What is stored for the schedule cannot be read; it is left as it is.","help":"Whoever operates the scheduler mends the record, or purges its keys; the event schedule.set_aside says which."},
  internal_error: {"status":500,"retryable":false,"description":"The command could not be handled, and is set aside so that it harms nobody else.","help":"Report it with the command id; the log has the cause."},
  partition_unavailable: {"status":503,"retryable":true,"description":"No worker holds the schedule's partition right now.","help":"Send the same command with the same id again."},
  outcome_unknown: {"status":503,"retryable":true,"description":"The command is durably queued; its outcome was not known in time.","help":"Send the same command with the same id again: the first outcome is returned."},
  storage_full: {"status":503,"retryable":true,"description":"NATS refuses to store more.","help":"Raise the limits of the stream or bucket named in the message."},
  reader_too_slow: {"status":429,"retryable":true,"description":"Events came faster than the client's iterator was read, and more than unreadMax waited.","help":"Read faster, ask for fewer (entity, what, scheduleId), or give since: then the streams wait for the reader."},
} as const satisfies Readonly<Record<string, ErrorMeaning>>;

/** The API of every refusal. */
export type ErrorCode = keyof typeof ERRORS;
