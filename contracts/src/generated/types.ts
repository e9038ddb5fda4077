// Generated from schemas/ by contracts/generate; do not edit.
import type { ErrorCode } from "./errors.ts";

/** Body of `update`: each top-level field given replaces that field whole, null removes it so that the default applies. The result is judged as a definition. */
export interface UpdateBody {
  readonly name?: unknown;
  readonly description?: unknown;
  readonly trigger?: unknown;
  readonly target?: unknown;
  readonly payload?: unknown;
  readonly startAt?: unknown;
  readonly endAt?: unknown;
  readonly maxExecutions?: unknown;
  readonly jitterSeconds?: unknown;
  readonly misfire?: unknown;
  readonly overlap?: unknown;
  readonly retry?: unknown;
  readonly completion?: unknown;
  readonly disableAfterFailures?: unknown;
  readonly keepSeconds?: unknown;
  readonly priority?: unknown;
  readonly tags?: unknown;
  readonly metadata?: unknown;
  readonly enabled?: unknown;
}

/** Body of `delete`, `pause`, `get` and `status`: nothing, or an empty object. */
export type EmptyBody = Readonly<Record<string, never>>;

/** Body of `resume`; nothing means `now`. */
export interface ResumeBody {
  /** now: occurrences under the pause are gone; catch_up: the misfire policy decides them. Default "now". */
  readonly from?: "now" | "catch_up";
}

/** Body of `trigger`; nothing means the schedule's own payload. */
export interface TriggerBody {
  /** Any JSON value, sent instead of the schedule's payload, this once. */
  readonly payload?: unknown;
}

/** Body of `preview`: the next instants of a trigger, or of an existing schedule where none is given. */
export interface PreviewBody {
  readonly trigger?: Trigger;
  /** How many instants. 1 to 1000. Default 10. */
  readonly count?: number;
  /** Instants strictly after this one, past or future. Default: now, and an instant at which a trigger would fire at once counts. */
  readonly after?: string;
}

/** Body of `verify`: which part of time to account for, of one schedule or of the whole tenant. Nominal instants from `since` on and before `until` are judged. */
export interface VerifyBody {
  /** Inclusive; not ahead. */
  readonly since: string;
  /** Exclusive, later than `since`, and not ahead. Nothing is judged that is younger than 5 seconds. Default: as late as can be judged. */
  readonly until?: string;
  /** The cursor of the answer before, with the same `since`: the next one goes on from there. Null or absent: from the start. 1 to 2048 characters. */
  readonly cursor?: string | null;
}

/** Body of `list`: which schedules of the tenant, a page at a time, in the order of their ids. Conditions that are given must all hold; nothing means all. */
export interface ListBody {
  /** Where it stands. */
  readonly status?: Status;
  /** One of its tags, whole. 1 to 64 characters. */
  readonly tag?: string;
  /** Of its trigger. */
  readonly type?: TriggerType;
  /** The actor of its first definition, whole. 1 to 256 characters. */
  readonly createdBy?: string;
  /** A subject pattern, compared token by token with the target's subject: `*` is one token, `>` the rest. 1 to 255 characters. */
  readonly target?: string;
  /** Each member given must stand in its metadata with an equal JSON value, whatever else stands there. At most 64. */
  readonly metadata?: { readonly [key: string]: unknown };
  /** Part of its scheduleId, name or description, whatever the case. 1 to 200 characters. */
  readonly search?: string;
  /** Its nextFireAt is this instant or later; one without nextFireAt is left out. */
  readonly dueAfter?: string;
  /** Its nextFireAt is earlier than this; one without nextFireAt is left out. */
  readonly dueBefore?: string;
  /** Schedules on a page at most. A page may hold fewer: only a cursor of null means the end. 1 to 500. Default 100. */
  readonly limit?: number;
  /** The cursor of the page before: the next page begins after it. It names a place, so conditions may change and schedules come and go in between. Null or absent: from the start. 1 to 256 characters. */
  readonly cursor?: string | null;
  /** True: whole schedules, as `get` shows them; false: ScheduleSummary. Default false. */
  readonly full?: boolean;
}

/** Environment variables, after their text was turned into the type given here. `x-secret` says what is masked wherever the value is shown: the whole of it, or only the user part of its urls; `x-group` orders the tables; `x-default-text` words a default that is not a constant. */
export interface Configuration {
  /** Servers, comma separated. Default "nats://127.0.0.1:4222". */
  readonly NATS_URL: string;
  /** User name. */
  readonly NATS_USER?: string;
  /** Password of NATS_USER. */
  readonly NATS_PASSWORD?: string;
  /** Path of a credentials file (JWT and seed). */
  readonly NATS_CREDS_FILE?: string;
  /** Path of a file with an NKey seed. */
  readonly NATS_NKEY_SEED_FILE?: string;
  /** Path of the certificate authority, PEM; turns TLS on. */
  readonly NATS_TLS_CA_FILE?: string;
  /** Path of the client certificate, PEM. */
  readonly NATS_TLS_CERT_FILE?: string;
  /** Path of the client key, PEM. */
  readonly NATS_TLS_KEY_FILE?: string;
  /** Replicas of every stream and bucket, where Carillon creates it. 1 to 5. Default 1. */
  readonly JETSTREAM_REPLICAS: number;
  /** One Redis node, or an odd number of independent ones, comma separated; rediss:// for TLS. When set, leases are kept there, by redlock. */
  readonly REDIS_URL?: string;
  /** Where leases are kept; fixed at installation. */
  readonly SCHEDULER_LEASES?: "nats" | "redis";
  /** Lease time to live in seconds: how long a killed worker's partitions wait for the next owner. 2 to 60. Default 5. */
  readonly LOCK_TIMEOUT_SECONDS: number;
  /** Partitions; fixed at installation, changed by npm run repartition. 1 to 1024. Default 32. */
  readonly SCHEDULER_PARTITIONS: number;
  /** Path of the tenants file; re-read on change and on SIGHUP. Without it no target is allowed. */
  readonly SCHEDULER_TENANTS_FILE?: string;
  /** Name of a stream that captures `cmd.scheduler.>` already; the inbox then sources from it. */
  readonly SCHEDULER_COMMANDS_FROM?: string;
  /** Schedules per actor that created them; the tenants file wins. 0 to 10000000. Default 1000. */
  readonly MAX_SCHEDULES_PER_CREATOR: number;
  /** Name in logs, traces and as a NATS micro service. Default "scheduler". */
  readonly SERVICE_NAME: string;
  /** Version in logs, traces and as a NATS micro service. */
  readonly SERVICE_VERSION?: string;
  /** Address that health and metrics listen on. Default "127.0.0.1". */
  readonly API_HOST: string;
  /** Port of `/live` `/ready` `/health` `/health/detailed` `/metrics`; 0: any free one. 0 to 65535. Default 8008. */
  readonly API_PORT: number;
  /** Least level that is logged. Default "info". */
  readonly LOG_LEVEL: "trace" | "debug" | "info" | "warn" | "error" | "fatal" | "silent";
  /** One JSON object a line, or lines for people. Default "json". */
  readonly LOG_FORMAT: "json" | "pretty";
  /** IANA time zone of triggers that name none. Default "UTC". */
  readonly SCHEDULER_TIMEZONE: string;
  /** Default `misfire.graceSeconds`. 0 to 315576000. Default 300. */
  readonly SCHEDULER_MISFIRE_GRACE_TIME: number;
  /** Default `overlap.maxConcurrent`. 1 to 1000. Default 3. */
  readonly SCHEDULER_MAX_INSTANCES: number;
  /** Attempts after the first: default `retry.maxAttempts` less one. 0 to 10. Default 3. */
  readonly DEFAULT_MAX_RETRIES: number;
  /** Default `retry.initialDelaySeconds`. 0.1 to 86400. Default 300. */
  readonly DEFAULT_RETRY_DELAY: number;
  /** Default `keepSeconds`. 0 to 315576000. Default 604800. */
  readonly SCHEDULER_COMPLETED_KEEP_SECONDS: number;
  /** An `at` further away, in days, is refused. 1 to 36525. Default 365. */
  readonly MAX_SCHEDULE_LOOKAHEAD_DAYS: number;
  /** Publishes in flight; what does not fit stays due. 16 to 5000. Default 4096. */
  readonly SCHEDULER_EXECUTOR_POOL_SIZE: number;
  /** Schedules that a worker keeps in memory whole while nothing is being done to them; the rest it reads again when they are due. More than 100000 for each second of LOCK_TIMEOUT_SECONDS are not safe. 0 to 10000000. Default 50000. */
  readonly SCHEDULER_WARM_MAX: number;
  /** Seconds until a running execution without a time-out counts as stale. 1 to 315576000. Default 7200. */
  readonly SCHEDULER_STALE_TIMEOUT: number;
  /** Age in days of SCHEDULER_EXECUTIONS, the history. 0.01 to 36525. Default 30. */
  readonly EXECUTION_RETENTION_DAYS: number;
  /** Age in days of SCHEDULER_AUDIT. 0.01 to 36525. Default 400. */
  readonly AUDIT_RETENTION_DAYS: number;
  /** Bytes of SCHEDULER_EXECUTIONS. 1048576 to 9007199254740991. */
  readonly SCHEDULER_EVENTS_MAX_BYTES?: number;
}

/** A schedule as its author writes it: when (trigger), what (payload) and to whom (target). Whatever is left out takes its default; the accepted result is shown as EffectiveDefinition. */
export interface ScheduleDefinition {
  /** A line for people; null or absent: none. 0 to 200 characters. */
  readonly name?: string | null;
  /** More for people; null or absent: none. 0 to 2000 characters. */
  readonly description?: string | null;
  readonly trigger: Trigger;
  readonly target: Target;
  /** Any JSON value; its JSON is the whole body of the target's command. Absent: an empty body. */
  readonly payload?: unknown;
  /** No occurrence before this instant (inclusive bound; it fires nothing by itself). Stands in for a missing DTSTART. Null: no bound. */
  readonly startAt?: string | null;
  /** No occurrence after this instant; one at it still counts. Null: no bound. */
  readonly endAt?: string | null;
  /** Fired occurrences after which the schedule is completed; manual ones and misses do not count. Null: no limit. 1 to 9007199254740991. */
  readonly maxExecutions?: number | null;
  /** Each occurrence is due up to so many seconds after its nominal instant; the same occurrence always by the same amount. Must be shorter than the distance between occurrences. 0 to 86400. Default 0. */
  readonly jitterSeconds?: number;
  readonly misfire?: Misfire;
  readonly overlap?: Overlap;
  readonly retry?: Retry;
  readonly completion?: Completion;
  /** Failed executions in a row after which the schedule is disabled. Null: never. 1 to 10000. Default null. */
  readonly disableAfterFailures?: number | null;
  /** A completed schedule is deleted so many seconds after it ended. Default: SCHEDULER_COMPLETED_KEEP_SECONDS. 0 to 315576000. */
  readonly keepSeconds?: number;
  /** Who goes first where many are due: 10 before 1. Names: low 2, normal 5, high 8, critical 10. Default 5. */
  readonly priority?: 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 | "low" | "normal" | "high" | "critical";
  readonly tags?: readonly string[];
  readonly metadata?: { readonly [key: string]: unknown };
  /** False: the schedule is kept, and never fires (status disabled). Default true. */
  readonly enabled?: boolean;
}

/** When a schedule fires; `type` selects the form. */
export type Trigger = CronTrigger | RruleTrigger | IntervalTrigger | DelayTrigger | AtTrigger | ImmediateTrigger | ManualTrigger;

/** A cron expression in a time zone. */
export interface CronTrigger {
  readonly type: "cron";
  /** Five fields (minute hour day-of-month month day-of-week) or six (seconds first), a nickname such as `@daily`, or `@every 90s`, which is an interval. 0 to 256 characters. */
  readonly expression: string;
  readonly timezone?: string;
  /** Where day of month and day of week are both given: either of them (or), or both at once (and). Default "or". */
  readonly dayMatch?: "or" | "and";
  readonly dst?: DstOptions;
}

/** An RFC 5545 recurrence: a bare `FREQ=…`, or lines DTSTART, RRULE, EXDATE, RDATE. */
export interface RruleTrigger {
  readonly type: "rrule";
  /** Without DTSTART it starts at `startAt`, else at 00:00:00 of the day of creation in its zone. 0 to 32768 characters. */
  readonly rrule: string;
  /** IANA zone of a DTSTART without TZID or `Z`; beside one that has its own, DTSTART's decides. Default: SCHEDULER_TIMEZONE. 0 to 256 characters. */
  readonly timezone?: string;
  readonly dst?: DstOptions;
}

/** A fixed rate, counted from an anchor. */
export interface IntervalTrigger {
  readonly type: "interval";
  /** Seconds from one occurrence to the next. 0.1 to 315576000. */
  readonly everySeconds: number;
  /** First fire and anchor of the rate. Default: one interval after creation. */
  readonly startAt?: string;
}

/** One delay after creation, then one delay after each completion. */
export interface DelayTrigger {
  readonly type: "delay";
  /** Seconds from creation, then from each completion, to the next occurrence. 0.1 to 315576000. */
  readonly delaySeconds: number;
}

/** Once, at an instant. */
export interface AtTrigger {
  readonly type: "at";
  /** The instant, in the future when NATS stored the command, at most MAX_SCHEDULE_LOOKAHEAD_DAYS away. */
  readonly at: string;
}

/** Once, as soon as the schedule is accepted. */
export interface ImmediateTrigger {
  readonly type: "immediate";
}

/** Only by the verb `trigger`. */
export interface ManualTrigger {
  readonly type: "manual";
}

/** What happens to local times that a clock change skips (gap) or repeats (overlap). Left unset for cron whose minute or hour begins with `*`: elapsed time. */
export interface DstOptions {
  /** next: the first instant after the gap; shift: as far after as it lies inside; skip: not at all. Default next for cron, shift for rrule. */
  readonly gap?: "next" | "shift" | "skip";
  /** Which of the two passes fires. Default "first". */
  readonly overlap?: "first" | "second" | "both";
}

/** Where the command goes at fire time. */
export interface Target {
  /** A literal subject that an entry of the tenants file allows; at most 255 characters. */
  readonly subject: string;
  /** jetstream: a stream must acknowledge it; core: handed to the connection. Default "jetstream". */
  readonly delivery?: "jetstream" | "core";
  readonly headers?: { readonly [key: string]: string };
}

/** What happens to occurrences that are late by more than the grace. */
export interface Misfire {
  /** skip: all missed; fire_once: the newest fires unless a later one is due or fired; fire_all: the newest maxCatchUp fire, oldest first. Default "fire_once". */
  readonly policy?: "skip" | "fire_once" | "fire_all";
  /** Lateness in seconds up to which an occurrence fires late, whatever the policy. Default: SCHEDULER_MISFIRE_GRACE_TIME. 0 to 315576000. */
  readonly graceSeconds?: number;
  /** Misfires that fire_all makes up for; older ones are missed. 1 to 1000. Default 100. */
  readonly maxCatchUp?: number;
}

/** What happens when an occurrence is due while another execution still runs; matters where completion is not `published`. */
export interface Overlap {
  /** skip it, keep one waiting, allow up to maxConcurrent, or cancel the running one. Default "skip". */
  readonly policy?: "skip" | "queue_one" | "allow" | "cancel_previous";
  /** Executions at a time under `allow`. Default: SCHEDULER_MAX_INSTANCES. 1 to 1000. */
  readonly maxConcurrent?: number;
}

/** Deliberate attempts after a refusal, failure or time-out; an unknown outcome is not an attempt. */
export interface Retry {
  /** Attempts in all, the first one included. Default: DEFAULT_MAX_RETRIES + 1. 1 to 11. */
  readonly maxAttempts?: number;
  /** Seconds before the second attempt. Default: DEFAULT_RETRY_DELAY. 0.1 to 86400. */
  readonly initialDelaySeconds?: number;
  /** Each further delay is the one before times this. 1 to 10. Default 2. */
  readonly factor?: number;
  /** No delay is longer. 0.1 to 86400. Default 3600. */
  readonly maxDelaySeconds?: number;
  /** Share of each delay that varies, either way. 0 to 1. Default 0.1. */
  readonly jitterRatio?: number;
}

/** When an execution counts as done. */
export interface Completion {
  /** published: JetStream, or the core connection, has the command; reported: the target reports; replied: the target answers the command's reply subject. Default "published". */
  readonly mode?: "published" | "reported" | "replied";
  /** Seconds from dispatch until a running execution has timed out. Null: none. 1 to 86400. Default null. */
  readonly timeoutSeconds?: number | null;
}

/** A definition with every default resolved, as it was when it was accepted. Null means none. */
export interface EffectiveDefinition {
  /** A line for people; null: none. */
  readonly name: string | null;
  /** More for people; null: none. */
  readonly description: string | null;
  readonly trigger: EffectiveTrigger;
  readonly target: EffectiveTarget;
  /** Any JSON value, the body of the target's command. Absent: an empty body. */
  readonly payload?: unknown;
  /** No occurrence before this instant. Null: no bound. */
  readonly startAt: string | null;
  /** No occurrence after this instant; one at it still counts. Null: no bound. */
  readonly endAt: string | null;
  /** Fired occurrences after which the schedule is completed. Null: no limit. At least 1. */
  readonly maxExecutions: number | null;
  /** Longest distance from nominal to due, in seconds. At least 0. */
  readonly jitterSeconds: number;
  readonly misfire: EffectiveMisfire;
  readonly overlap: EffectiveOverlap;
  readonly retry: EffectiveRetry;
  readonly completion: EffectiveCompletion;
  /** Failed executions in a row after which the schedule is disabled. Null: never. At least 1. */
  readonly disableAfterFailures: number | null;
  /** Seconds from completion to deletion. At least 0. */
  readonly keepSeconds: number;
  /** 10 goes before 1. 1 to 10. */
  readonly priority: number;
  readonly tags: readonly string[];
  readonly metadata: { readonly [key: string]: unknown };
  /** False: never fires. */
  readonly enabled: boolean;
}

/** A trigger with zone, anchor, DTSTART and DST policy resolved. */
export type EffectiveTrigger = EffectiveCronTrigger | EffectiveRruleTrigger | EffectiveIntervalTrigger | DelayTrigger | AtTrigger | ImmediateTrigger | ManualTrigger;

export interface EffectiveCronTrigger {
  readonly type: "cron";
  /** Five or six fields. */
  readonly expression: string;
  /** IANA time zone name. */
  readonly timezone: string;
  /** How two day fields combine. */
  readonly dayMatch: "or" | "and";
  /** Null: elapsed time, the default where the minute or hour field begins with `*`. */
  readonly dst: DstPolicy | null;
}

export interface EffectiveRruleTrigger {
  readonly type: "rrule";
  /** Lines, the first of them DTSTART. */
  readonly rrule: string;
  /** IANA time zone name, that of DTSTART. */
  readonly timezone: string;
  readonly dst: DstPolicy;
}

export interface EffectiveIntervalTrigger {
  readonly type: "interval";
  /** Seconds from one occurrence to the next. At least 0.1. */
  readonly everySeconds: number;
  /** Anchor and first occurrence. */
  readonly startAt: string;
}

/** What happens to local times that a clock change skips (gap) or repeats (overlap). */
export interface DstPolicy {
  /** next: the first instant after the gap; shift: as far after as it lies inside; skip: not at all. */
  readonly gap: "next" | "shift" | "skip";
  /** Which of the two passes fires. */
  readonly overlap: "first" | "second" | "both";
}

export interface EffectiveTarget {
  /** A literal subject. */
  readonly subject: string;
  /** Who must acknowledge it. */
  readonly delivery: "jetstream" | "core";
  readonly headers: { readonly [key: string]: string };
}

export interface EffectiveMisfire {
  /** As in Misfire. */
  readonly policy: "skip" | "fire_once" | "fire_all";
  /** Lateness in seconds that is forgiven. At least 0. */
  readonly graceSeconds: number;
  /** Misfires made up for by fire_all. At least 1. */
  readonly maxCatchUp: number;
}

export interface EffectiveOverlap {
  /** As in Overlap. */
  readonly policy: "skip" | "queue_one" | "allow" | "cancel_previous";
  /** Executions at a time under `allow`. At least 1. */
  readonly maxConcurrent: number;
}

export interface EffectiveRetry {
  /** Attempts in all. At least 1. */
  readonly maxAttempts: number;
  /** Seconds before the second attempt. */
  readonly initialDelaySeconds: number;
  /** Growth of the delay. At least 1. */
  readonly factor: number;
  /** No delay is longer. */
  readonly maxDelaySeconds: number;
  /** Share of each delay that varies. 0 to 1. */
  readonly jitterRatio: number;
}

export interface EffectiveCompletion {
  /** As in Completion. */
  readonly mode: "published" | "reported" | "replied";
  /** Seconds until a running execution has timed out. Null: none. */
  readonly timeoutSeconds: number | null;
}

/** The envelope of every event. */
export interface CloudEventEnvelope {
  readonly specversion: "1.0";
  /** A pure function of the cause; also the Nats-Msg-Id. */
  readonly id: string;
  /** /scheduler/<tenant>. */
  readonly source: string;
  /** io.carillon.<entity>.<what>.v1. */
  readonly type: string;
  /** The scheduleId. */
  readonly subject: string;
  readonly time: string;
  readonly datacontenttype: "application/json";
  /** W3C trace context of the cause. */
  readonly traceparent?: string;
  readonly data: unknown;
}

/** Data of schedule.created, updated, deleted, paused, resumed, completed, disabled. */
export interface ScheduleEventData {
  readonly tenant: string;
  readonly scheduleId: string;
  /** At least 1. */
  readonly version: number;
  readonly status: Status;
  /** Who; claimed, not proven. */
  readonly actor: string;
  /** Null: none given. */
  readonly reason: string | null;
  /** Absent where the scheduler itself is the cause. */
  readonly commandId?: string;
  /** Of created and updated: the whole definition, as written. Absent where the event would be longer than NATS takes. */
  readonly definition?: ScheduleDefinition;
  /** Of created and updated: the definition with every default resolved. Absent as `definition` is. */
  readonly effective?: EffectiveDefinition;
  /** Of updated: the top-level fields that changed. Absent as `definition` is. */
  readonly diff?: readonly FieldChange[];
  /** Of resumed: how. */
  readonly from?: "now" | "catch_up";
  /** Of resumed: occurrences under the pause that will not fire. Null: none. */
  readonly skipped?: NominalRange | null;
}

/** Data of schedule.set_aside: what is stored for a schedule cannot be read. It is left as it is, does not fire, and takes no command. */
export interface SetAsideEventData {
  readonly tenant: string;
  readonly scheduleId: string;
  /** Bucket of the record that cannot be read. */
  readonly bucket: string;
  /** Its revision in that bucket. At least 0. */
  readonly revision: number;
  /** What is wrong with it, for people; never what it holds. */
  readonly message: string;
}

/** One top-level field of a definition, before and after; an absent side means the field was not given. */
export interface FieldChange {
  /** RFC 6901 JSON Pointer. */
  readonly path: string;
  readonly before?: unknown;
  readonly after?: unknown;
}

/** Neighbouring occurrences, both ends inclusive. */
export interface NominalRange {
  readonly firstNominalAt: string;
  readonly lastNominalAt: string;
  /** At least 1. */
  readonly count: number;
}

/** Why an execution exists. */
export type Cause = "schedule" | "trigger" | "retry" | "catch_up";

/** Data of execution.dispatched, progress, completed, retrying, failed, timed_out, cancelled, missed, skipped; fields stand where they apply. Never the payload. */
export interface ExecutionEventData {
  readonly tenant: string;
  readonly scheduleId: string;
  readonly executionId?: string;
  /** The instant that the trigger names. */
  readonly nominalAt?: string;
  /** Nominal plus jitter. */
  readonly dueAt?: string;
  readonly firedAt?: string;
  /** Milliseconds from due to fired. */
  readonly lagMs?: number;
  /** Milliseconds from fired to the outcome. */
  readonly durationMs?: number;
  /** 1 is the first. At least 1. */
  readonly attempt?: number;
  /** Subject of the command. */
  readonly target?: string;
  /** Of the definition. At least 1. */
  readonly version?: number;
  readonly cause?: Cause;
  /** Who triggered it, where somebody did. */
  readonly actor?: string;
  readonly tags?: readonly string[];
  readonly createdBy?: string;
  /** Completion mode. */
  readonly completion?: "published" | "reported" | "replied";
  /** True once per occurrence (or per group of neighbours). */
  readonly final: boolean;
  /** Stable word: misfire_grace, coalesced, catch_up_limit, overlap, concurrency, target_denied, rate_limited, an error code … */
  readonly reason?: string;
  /** The reason for people. */
  readonly message?: string;
  readonly delivered?: Delivered;
  /** With count. */
  readonly firstNominalAt?: string;
  /** With count. */
  readonly lastNominalAt?: string;
  /** Occurrences that this final event covers; 1 where absent. At least 1. */
  readonly count?: number;
  /** Of retrying: when the next attempt is due. */
  readonly retryAt?: string;
  /** After the verb `retry`: does not count again. */
  readonly reopened?: boolean;
}

/** Where the command went. */
export interface Delivered {
  /** Absent for core delivery. */
  readonly stream?: string;
  /** In that stream. At least 1. */
  readonly sequence?: number;
  /** The stream had it already. */
  readonly duplicate?: boolean;
  /** False: sent again although the stream could not tell whether it had it. */
  readonly verified?: boolean;
}

/** Data of command.rejected. */
export interface CommandRejectedData {
  /** As given, or made from the sequence and time in the stream. */
  readonly commandId: string;
  /** Null where the subject names none. */
  readonly verb: string | null;
  /** Subject of the command, cut to 256 characters. */
  readonly subject: string;
  readonly actor: string;
  readonly error: ErrorBody;
}

/** `kind` tells which. */
export type PeerQuestion = PageQuestion | StandingQuestion;

/** What limits are counted by, told to all workers. `<tenant>` counts a whole tenant, `<tenant>.<creator>` one who creates in it. */
export interface Tally {
  readonly v: 1;
  readonly kind: "tally";
  readonly worker: string;
  /** Schedules that it holds now; what is left out is as it was told before. */
  readonly schedules: readonly Count[];
  /** Commands that it has admitted since it last told. */
  readonly commands: readonly Count[];
}

/** What is counted, and how many. */
export interface Count {
  readonly of: string;
  /** At least 0. */
  readonly count: number;
}

/** What do you hold of a page of this list? */
export interface PageQuestion {
  readonly v: 1;
  readonly kind: "page";
  readonly tenant: string;
  readonly body: ListBody;
}

/** Who are you, and how do you do? */
export interface StandingQuestion {
  readonly v: 1;
  readonly kind: "standing";
}

/** Of the partitions named, whose schedules were all looked at: the first ones after the cursor that fit. */
export interface PageAnswer {
  readonly v: 1;
  readonly partitions: readonly OwnedPartition[];
  readonly entries: readonly PageEntry[];
  /** True: there may be others after the last entry. */
  readonly more: boolean;
}

/** One schedule of a page, or why it cannot be shown. */
export interface PageEntry {
  readonly scheduleId: string;
  /** Null: omitted. */
  readonly item: ScheduleSummary | ScheduleView | null;
  /** Why item is null. */
  readonly omitted?: "definition_unavailable" | "too_long";
}

/** A worker, and totals of what it owns. */
export interface StandingAnswer {
  readonly v: 1;
  readonly worker: WorkerStatus;
  readonly partitions: readonly OwnedPartition[];
  /** At least 0. */
  readonly schedules: number;
  /** At least 0. */
  readonly backlog: number;
  readonly nextDueAt: number | null;
}

/** A worker that lives, key `worker.<worker>` of the bucket scheduler_workers; gone when it is not repeated. */
export interface Heartbeat {
  readonly v: 1;
  readonly worker: string;
  /** ready: it may own partitions; unfit: something that it needs for that is missing; leaving: it hands on what it has. */
  readonly state: "ready" | "unfit" | "leaving";
  /** Those whose leases it holds, or is about to release. */
  readonly partitions: readonly number[];
  readonly settings: WorkerSettings;
}

/** Where two workers name the same one, the higher term counts. */
export interface OwnedPartition {
  /** At least 0. */
  readonly partition: number;
  /** At least 1. */
  readonly term: number;
}

/** One version of a schedule's definition, key `<partition>.<tenant>.<scheduleId>` of the bucket scheduler_schedules. It is valid only where a state record names its revision. */
export interface DefinitionRecord {
  readonly v: 1;
  readonly term: number;
  readonly write: number;
  readonly tenant: string;
  readonly scheduleId: string;
  /** At least 1. */
  readonly version: number;
  readonly definition: ScheduleDefinition;
  readonly effective: EffectiveDefinition;
  /** When the trigger was accepted: occurrences before it are neither due nor missed. */
  readonly acceptedAt: number;
  readonly createdBy: string;
  readonly createdAt: number;
  readonly updatedBy: string;
  readonly updatedAt: number;
}

/** Where a schedule stands, key `<partition>.<tenant>.<scheduleId>` of the bucket scheduler_state. Written with compare-and-set: this write is the commit of every claim and every command. */
export interface StateRecord {
  readonly v: 1;
  /** The term that wrote this record. */
  readonly term: number;
  /** The write number within the term. */
  readonly write: number;
  /** Revision of the definition record that this state was computed for. */
  readonly revision: number;
  readonly version: number;
  readonly status: "active" | "paused" | "completed" | "disabled" | "deleted";
  /** Why it has this status, where there is something to say. */
  readonly reason: string | null;
  /** When the status began. */
  readonly sinceAt: number;
  /** The first occurrence not yet accounted for; null: none is known. */
  readonly nominalAt: number | null;
  /** nominalAt plus jitter. */
  readonly dueAt: number | null;
  /** Misfires up to this nominal instant have been granted by the misfire policy and fire however late. */
  readonly grantedUntil: number | null;
  /** Occurrences that will not fire, counted so far and not yet told in an event. */
  readonly gap: Gap | null;
  /** Nominal instant of the last claimed occurrence. */
  readonly lastNominalAt: number | null;
  /** The latest nominal instant that has been claimed, missed or skipped under any definition; no later definition fires there again. Absent in older records: lastNominalAt. */
  readonly settledUntil?: number | null;
  readonly lastFiredAt: number | null;
  /** Occurrences of the clock claimed under this trigger; maxExecutions bounds it. */
  readonly claimed: number;
  /** Executions that failed in a row. */
  readonly failures: number;
  readonly stats: ScheduleStats;
  readonly owed: readonly Owed[];
  readonly retries: readonly PlannedRetry[];
  readonly memory: CommandMemory;
  readonly outline?: Outline;
}

/** What an owner must know of the definition to hold the schedule without having read it. Absent in older records; of another revision than the state's, it was left there by an older version and means nothing. */
export interface Outline {
  /** Of the definition record. */
  readonly revision: number;
  /** Of the trigger. */
  readonly type: string;
  readonly createdBy: string;
  /** At least 0. */
  readonly keepSeconds: number;
}

/** An output that this record has promised and that may not have been published yet. */
export type Owed = Dispatch | Announcement | Letter;

/** A target command, and the event that says what became of it. */
export interface Dispatch {
  readonly kind: "dispatch";
  readonly executionId: string;
  /** At least 1. */
  readonly attempt: number;
  readonly cause: "schedule" | "trigger" | "retry" | "catch_up";
  readonly nominalAt: number;
  readonly dueAt: number;
  readonly previousAt: number | null;
  readonly nextAt: number | null;
  /** By the server's clock. */
  readonly claimedAt: number;
  /** Revision of the definition whose target and payload it carries; 0: the one written with this state. */
  readonly revision: number;
  /** Stands in for the definition's payload (verb `trigger`). */
  readonly payload?: unknown;
  readonly actor: string | null;
  readonly traceparent: string | null;
}

/** An event. `definition` true: the whole definition of `revision` is added when it is sent. */
export interface Announcement {
  readonly kind: "announcement";
  readonly id: string;
  readonly entity: "schedule" | "execution" | "command";
  /** A token of its subject. */
  readonly what: string;
  readonly at: number;
  readonly data: { readonly [key: string]: unknown };
  readonly definition: boolean;
}

/** A dead letter: a target command that used up its attempts. */
export interface Letter {
  readonly kind: "letter";
  readonly dispatch: Dispatch;
  readonly reason: string;
  readonly description: string;
  readonly at: number;
}

/** A refused dispatch that is tried again. */
export interface PlannedRetry {
  readonly dispatch: Dispatch;
  readonly retryAt: number;
}

/** The last command applied and the outcomes of the last few command ids. */
export interface CommandMemory {
  /** Creation time of the inbox that `sequence` belongs to. */
  readonly inbox: string | null;
  readonly sequence: number;
  readonly outcomes: readonly Outcome[];
  /** The event of the last command is not listed as owed: the inbox keeps the command until it is stored. */
  readonly telling?: "created";
}

export interface Outcome {
  readonly commandId: string;
  readonly verb: string;
  readonly version: number;
  readonly status: string;
  readonly executionId?: string;
}

/** One holding of a partition, key `term.<partition>` of the bucket scheduler_state. */
export interface TermRecord {
  readonly v: 1;
  /** At least 1. */
  readonly term: number;
  readonly worker: string;
  /** The command that is being handled alone: if terms keep finding it unacknowledged, it is refused. */
  readonly suspect: Suspect | null;
}

/** The outcome of a command: `ok` tells which. */
export type Reply = OkReply | ErrorReply;

/** A command was accepted (or, under dry run, would have been). */
export interface OkReply {
  readonly ok: true;
  readonly schedule: ScheduleView;
  /** Of `trigger`: the execution that it started. */
  readonly executionId?: string;
  readonly warnings: readonly Warning[];
}

/** Answer to `get`. */
export interface GetReply {
  readonly ok: true;
  readonly schedule: ScheduleView;
  readonly warnings: readonly Warning[];
}

/** Answer to `preview`. */
export interface PreviewReply {
  readonly ok: true;
  /** Nominal instants, in UTC, rising; fewer than asked for where the trigger ends. Of a schedule: within its startAt and endAt; ahead no more than maxExecutions leaves, and none once it is completed; behind what its trigger named, whether or not it fired. Paused and disabled ones are shown as if they were not. Of a trigger: as if it were accepted now, or at `after` where that is earlier. A delay: as if each round completed at once. */
  readonly times: readonly string[];
  /** The trigger in words. */
  readonly text: string;
  readonly warnings: readonly Warning[];
}

/** A command was refused, or its outcome is not known. */
export interface ErrorReply {
  readonly ok: false;
  readonly error: ErrorBody;
}

/** Why. `code` is the API; `message` is for people. */
export interface ErrorBody {
  /** One of errors.json. */
  readonly code: ErrorCode;
  /** Place, value, expectation. */
  readonly message: string;
  /** One entry per fault found. */
  readonly details: readonly ErrorDetail[];
  /** True: the same command, sent again unchanged, may succeed. */
  readonly retryable: boolean;
  /** Milliseconds to wait before sending it again. Null: no advice. At least 0. */
  readonly retryAfterMs: number | null;
  /** With outcome_unknown: the id under which the command is durably queued. */
  readonly commandId?: string;
}

export interface ErrorDetail {
  /** RFC 6901 JSON Pointer into the body; empty: the whole. */
  readonly path: string;
  /** Place, value, expectation. */
  readonly message: string;
}

/** Accepted, but worth a look. Of times: `dst_gap`, `dst_overlap`, a clock change within 400 days leaves out or repeats local times of the trigger; `schedule_not_active`, what is previewed does not fire as it stands; a code of a refused trigger, the stored definition no longer compiles. */
export interface Warning {
  /** Stable word for programs. */
  readonly code: string;
  /** RFC 6901 JSON Pointer into the body; empty: the whole. */
  readonly path: string;
  /** For people. */
  readonly message: string;
}

/** Where a schedule stands. */
export type Status = "active" | "paused" | "completed" | "disabled";

/** What fires a schedule. */
export type TriggerType = "cron" | "rrule" | "interval" | "delay" | "at" | "immediate" | "manual";

/** A schedule in a list, in brief. */
export interface ScheduleSummary {
  readonly tenant: string;
  readonly scheduleId: string;
  /** As in ScheduleView. At least 1. */
  readonly version: number;
  readonly status: Status;
  /** As in ScheduleView. */
  readonly statusReason: string | null;
  /** Null: none. */
  readonly name: string | null;
  readonly type: TriggerType;
  /** Subject of its command. */
  readonly target: string;
  readonly tags: readonly string[];
  /** Actor of the first definition. */
  readonly createdBy: string;
  readonly updatedAt: string;
  /** As in ScheduleView. */
  readonly nextFireAt: string | null;
  /** When it last fired. Null: not yet. */
  readonly lastFireAt: string | null;
}

/** Answer to `list`: one page, by scheduleId. */
export interface ListReply {
  readonly ok: true;
  /** ScheduleView where `full` was asked for. */
  readonly items: readonly (ScheduleSummary | ScheduleView)[];
  /** Where the next page begins. Null: this was the last one. */
  readonly cursor: string | null;
  /** False: some partitions did not answer in time, so schedules may be missing from this page. Ask for it again. */
  readonly complete: boolean;
  /** One for each schedule in the range of this page that could not be shown: `definition_unavailable`, its record cannot be read, so no condition could be tried on it; `too_long`, it is longer than a message. */
  readonly warnings: readonly Warning[];
}

/** Answer to `verify`: the account of a part of time. Every planned occurrence stands in exactly one of fired, failed, missed, skipped, paused, open and unexplained; what is unexplained may also be of nothing planned. An answer that is not complete covers a part; the sums of all parts are the whole. */
export interface VerifyReply {
  readonly ok: true;
  /** Begin of the part of time that this answer covers, inclusive. */
  readonly since: string;
  /** Its end, exclusive: how far this answer got, of the schedules that it is about. */
  readonly until: string;
  /** False: ask again with `cursor`. */
  readonly complete: boolean;
  /** Where the next answer goes on. Null: this was the last one. */
  readonly cursor: string | null;
  /** Occurrences that the definitions in force name, recomputed from their history. At least 0. */
  readonly planned: number;
  /** Told as dispatched, and, where that can be looked up, held by the target's stream. At least 0. */
  readonly fired: number;
  /** Executions by the verb `trigger`, whatever became of them; they are not planned. At least 0. */
  readonly manual: number;
  /** Used up their attempts. At least 0. */
  readonly failed: number;
  /** Late beyond the grace, by reason. */
  readonly missed: CountByReason;
  /** Not fired for another reason, by reason; cancelled ones too. */
  readonly skipped: CountByReason;
  /** Under a pause, or while the schedule was disabled. At least 0. */
  readonly paused: number;
  /** Not settled yet: owed, running, waiting for another attempt, or not come to. At least 0. */
  readonly open: number;
  readonly unexplained: UnexplainedList;
  /** What could not be verified, which is no fault; the first 100. Empty: everything could. */
  readonly partial: readonly Unverified[];
  /** The account in one line, for people. */
  readonly summary: string;
}

export type CountByReason = { readonly [key: string]: number };

/** Something that the plan, the events and the commands do not agree on. */
export interface Unexplained {
  readonly scheduleId: string;
  /** Null: of occurrences that share an event. */
  readonly executionId: string | null;
  /** Of several: the first. */
  readonly nominalAt: string;
  /** no_event: due, and no final event tells what became of it; no_command: told as dispatched, and the target's stream does not hold the command; doubled: two final events of one occurrence, or two commands of one attempt; unplanned: an event or a command of what no definition in force names; contradicted: told as not fired, and the command is there. */
  readonly what: "no_event" | "no_command" | "doubled" | "unplanned" | "contradicted";
  /** Occurrences that this stands for. At least 1. */
  readonly count: number;
  /** For people. */
  readonly message: string;
}

/** A part that could not be verified. */
export interface Unverified {
  /** What did not tell. Null: nothing that is stored. */
  readonly stream: string | null;
  /** Null: of all of them. */
  readonly scheduleId: string | null;
  /** gone: it no longer reaches back; forgets: a stream that is no complete record, such as a work queue; missing: there is no such stream; not_readable: NATS does not let the scheduler read it; too_much: more than can be read in one answer; untold: the history holds no definition for this part. */
  readonly reason: "gone" | "forgets" | "missing" | "not_readable" | "too_much" | "untold";
  /** Before this instant; null: all of it. */
  readonly until: string | null;
}

/** Answer to `status`: the whole installation, as far as it answered within half a second. Of schedules it holds nothing but totals. */
export interface StatusReply {
  readonly ok: true;
  /** Those that answered, by name. */
  readonly workers: readonly WorkerStatus[];
  /** Settings in which workers differ that should be the same for all; each worker shows its own. */
  readonly differences: readonly ("version" | "tenantsFile" | "partitions" | "leases" | "tzdata")[];
  readonly partitions: PartitionsStatus;
  /** All that are held, whatever their status. At least 0. */
  readonly schedules: number;
  /** Schedules that are due and not taken up. At least 0. */
  readonly backlog: number;
  /** How long the first of them has been due. 0: none is. At least 0. */
  readonly oldestOverdueMs: number;
  /** When something is due next, or has been due since: a fire, another attempt, or the end of a completed schedule's keepSeconds. Null: nothing is. */
  readonly nextDueAt: string | null;
  readonly inbox: InboxStatus;
  readonly leases: LeasesStatus;
  /** Version of the server that the answering worker is connected to. */
  readonly natsServer: string;
}

/** One worker. */
export interface WorkerStatus {
  readonly name: string;
  readonly version: string;
  /** Version of its time zone database, such as 2026c. */
  readonly tzdata: string;
  readonly role: WorkerRole;
  /** When it took this role, by its own clock. */
  readonly since: string;
  /** A mark of the content of its tenants file; empty: there is none. */
  readonly tenantsFile?: string;
}

/** What should be the same for all workers. */
export interface WorkerSettings {
  readonly version: string;
  /** A mark of its content; empty: there is no file. */
  readonly tenantsFile: string;
  /** How many there are. At least 1. */
  readonly partitions: number;
  readonly leases: "nats" | "redis";
  /** Version of the time zone database. */
  readonly tzdata: string;
}

/** active: it owns all partitions that are wanted of it; standby: none is; starting: neither yet. */
export type WorkerRole = "active" | "standby" | "starting";

/** A schedule as it is shown. */
export interface ScheduleView {
  readonly tenant: string;
  readonly scheduleId: string;
  /** Counts 1, 2, 3 with the definition; pause and resume do not raise it. At least 1. */
  readonly version: number;
  readonly status: Status;
  /** Why it is paused or disabled, in the words of whoever did it. Null: nobody said. */
  readonly statusReason: string | null;
  /** As written. */
  readonly definition: ScheduleDefinition;
  /** With every default resolved. */
  readonly effective: EffectiveDefinition;
  /** Actor of the first definition. */
  readonly createdBy: string;
  readonly createdAt: string;
  /** Actor of the present definition. */
  readonly updatedBy: string;
  readonly updatedAt: string;
  /** When it is due next, jitter included. Null: not foreseen (paused, completed, disabled, manual). */
  readonly nextFireAt: string | null;
  /** When it last fired. Null: not yet. */
  readonly lastFireAt: string | null;
  readonly stats: ScheduleStats;
  /** Its trigger in words. Left out of lists. */
  readonly text?: string;
}

/** Counts since the schedule was created. */
export interface ScheduleStats {
  /** Occurrences of the clock that fired. At least 0. */
  readonly fired: number;
  /** Executions by the verb `trigger`. At least 0. */
  readonly manual: number;
  /** Occurrences late beyond the grace. At least 0. */
  readonly missed: number;
  /** Occurrences not fired for another reason. At least 0. */
  readonly skipped: number;
  /** Executions that used up their attempts. At least 0. */
  readonly failed: number;
  /** Milliseconds from due to fired, of the last fire. Null: not yet. */
  readonly lastLagMs: number | null;
}

/** SCHEDULER_TENANTS_FILE: who may schedule what. No file: no target is allowed. */
export interface TenantsFile {
  /** For editors. */
  readonly $schema?: string;
  /** Settings by tenant. */
  readonly tenants: { readonly [key: string]: TenantSettings };
}

/** What one tenant may do. */
export interface TenantSettings {
  /** Subjects that its schedules may publish to. At most 1000. */
  readonly targets: readonly TargetEntry[];
  /** Schedules that are not completed. 0 to 10000000. Default 100000. */
  readonly maxSchedules?: number;
  /** The same, per actor that created them. Default: MAX_SCHEDULES_PER_CREATOR. 0 to 10000000. */
  readonly maxSchedulesPerCreator?: number;
  /** Bytes of a payload's JSON. 0 to 1048576. Default 65536. */
  readonly maxPayloadBytes?: number;
  /** Commands a second; more are held back, then refused. Absent: no limit. More than 0, at most 1000000. */
  readonly maxCommandsPerSecond?: number;
  /** The same, per actor. Absent: no limit. More than 0, at most 1000000. */
  readonly maxCommandsPerSecondPerCreator?: number;
}

/** One allowed target. */
export interface TargetEntry {
  /** A subject pattern: `*` is one token, `>` the rest. 1 to 255 characters. */
  readonly subject: string;
  /** True: Carillon provides a stream for it. Default false. */
  readonly capture?: boolean;
  /** Path of a JSON Schema that payloads must fit, relative to this file. 1 to 1024 characters. */
  readonly payloadSchema?: string;
}

/** Occurrences that will not fire, counted so far and not yet told in an event. */
export interface Gap {
  readonly firstNominalAt: number;
  readonly lastNominalAt: number;
  /** At least 1. */
  readonly count: number;
  readonly reason: string;
}

/** The command that is being handled alone: if terms keep finding it unacknowledged, it is refused. */
export interface Suspect {
  readonly inbox: string;
  readonly sequence: number;
  /** Terms that began to handle it, this one included; absent: this is the first. */
  readonly times?: number;
}

export interface UnexplainedList {
  /** All of them. At least 0. */
  readonly count: number;
  /** The first 100. */
  readonly items: readonly Unexplained[];
}

export interface PartitionsStatus {
  /** At least 1. */
  readonly total: number;
  /** Fewer than the total: some schedules do not fire. At least 0. */
  readonly owned: number;
  /** By partition; those that nobody owns are left out. */
  readonly owners: readonly PartitionOwner[];
}

export interface PartitionOwner {
  /** At least 0. */
  readonly partition: number;
  readonly worker: string;
  /** Counts its holdings. At least 1. */
  readonly term: number;
}

export interface InboxStatus {
  /** Commands that are stored and not done. Null: the server did not say in time. At least 0. */
  readonly pending: number | null;
}

export interface LeasesStatus {
  readonly backend: "nats" | "redis";
  /** How long a killed worker's partitions wait for the next owner. At least 1. */
  readonly ttlMs: number;
}
