/*
 * The typed client. Each verb waits for its outcome over rpc, or, under `durable`, for JetStream's word that
 * the command is stored. A command without an id is given a random one, so that a retry with the id that an
 * error names is harmless.
 */
import type { NatsConnection } from "@nats-io/nats-core";
import type { GetReply, OkReply, PreviewReply, ScheduleView, Trigger } from "../generated/types.ts";
import {
  CONTROL_HEADERS,
  commandIdOf,
  DEFAULT_INSTALLATION,
  DEFAULT_TENANT,
  NATS_HEADERS,
  names,
  type WriteVerb,
} from "../subjects/index.ts";
import { readPubAck, type Stored } from "./pub-ack.ts";
import { accepted } from "./reply.ts";
import { ask, assertName } from "./request.ts";
import { type Verbs, verbsOver } from "./verbs.ts";

export interface ClientOptions {
  /** Default: `default`. */
  readonly tenant?: string;
  /** Who is said to act; default: `anonymous`. */
  readonly actor?: string;
  /** Milliseconds to wait for an answer; every rpc is answered within 2 s, so keep at least the default 3000. */
  readonly timeoutMs?: number;
  /** Second token of subjects; default: `scheduler`. */
  readonly installation?: string;
}

export interface CommandOptions {
  /** `<tenant>.` and 1 to 128 of `[A-Za-z0-9_.:@~-]`, random; the same id again has no second effect. */
  readonly commandId?: string;
  /** The version that the schedule must have, else `version_conflict`. */
  readonly expectedVersion?: number;
  readonly reason?: string;
  /** Decide and answer, commit nothing. */
  readonly dryRun?: boolean;
  /** W3C trace context. */
  readonly traceparent?: string;
}

export interface DurableOptions extends CommandOptions {
  /** Where the outcome is published too; its first token begins with `_INBOX` or is `_R_`. */
  readonly replyTo?: string;
}

export interface PreviewOptions {
  /** 1 to 1000; default 10. */
  readonly count?: number;
  /** Instants strictly after this one (RFC 3339); default: now. */
  readonly after?: string;
}

export interface Client extends Verbs<CommandOptions, ScheduleView> {
  /** The schedule, or CarillonError `not_found`. */
  get(scheduleId: string): Promise<ScheduleView>;
  /** The next instants of a trigger, or of the schedule with this id. */
  preview(of: Trigger | string, options?: PreviewOptions): Promise<PreviewReply>;
  /** The same verbs, done when JetStream has stored the command, whether or not a worker runs. */
  readonly durable: Verbs<DurableOptions, Stored>;
}

const TIMEOUT_MS = 3000;

/** The connection stays the caller's to close. */
export const createClient = (nc: NatsConnection, options: ClientOptions = {}): Client => {
  const context = contextOf(nc, options);
  return {
    ...verbsOver<CommandOptions, ScheduleView>((...command) => decided(context, ...command)),
    get: (scheduleId) => get(context, scheduleId),
    preview: (of, preview) => previewed(context, of, preview ?? {}),
    durable: verbsOver<DurableOptions, Stored>((...command) => stored(context, ...command)),
  };
};

type Context = ReturnType<typeof contextOf>;

const contextOf = (nc: NatsConnection, options: ClientOptions) => {
  const { tenant = DEFAULT_TENANT, timeoutMs = TIMEOUT_MS, installation = DEFAULT_INSTALLATION } = options;
  assertName("tenant", tenant);
  return { nc, tenant, timeoutMs, actor: options.actor, subjects: names(installation) };
};

const decided = async (
  context: Context,
  verb: WriteVerb,
  scheduleId: string,
  body: unknown,
  options: CommandOptions = {},
): Promise<ScheduleView> => {
  assertName("scheduleId", scheduleId);
  const { nc, tenant, subjects, timeoutMs } = context;
  const commandId = commandIdFor(tenant, options);
  const subject = subjects.rpc.build({ tenant, verb, scheduleId });
  const reply = await ask(nc, {
    subject,
    body,
    commandId,
    timeoutMs,
    headers: controls(context, commandId, options),
  });
  return accepted<OkReply>(reply, commandId, subject).schedule;
};

const stored = async (
  context: Context,
  verb: WriteVerb,
  scheduleId: string,
  body: unknown,
  options: DurableOptions = {},
): Promise<Stored> => {
  assertName("scheduleId", scheduleId);
  const { nc, tenant, subjects, timeoutMs } = context;
  const commandId = commandIdFor(tenant, options);
  const subject = subjects.command.build({ tenant, verb, scheduleId });
  const headers = { ...controls(context, commandId, options), [CONTROL_HEADERS.replyTo]: options.replyTo };
  return readPubAck(await ask(nc, { subject, body, commandId, timeoutMs, headers }), commandId);
};

const get = async (
  { nc, tenant, subjects, timeoutMs }: Context,
  scheduleId: string,
): Promise<ScheduleView> => {
  assertName("scheduleId", scheduleId);
  const subject = subjects.rpc.build({ tenant, verb: "get", scheduleId });
  const reply = await ask(nc, { subject, body: undefined, commandId: null, timeoutMs, headers: {} });
  return accepted<GetReply>(reply, null, subject).schedule;
};

const previewed = async (
  { nc, tenant, subjects, timeoutMs }: Context,
  of: Trigger | string,
  options: PreviewOptions,
): Promise<PreviewReply> => {
  const ofSchedule = typeof of === "string";
  if (ofSchedule) assertName("scheduleId", of);
  const subject = ofSchedule
    ? subjects.rpc.build({ tenant, verb: "preview", scheduleId: of })
    : subjects.rpcTenant.build({ tenant, verb: "preview" });
  const body = ofSchedule ? options : { trigger: of, ...options };
  const reply = await ask(nc, { subject, body, commandId: null, timeoutMs, headers: {} });
  return accepted<PreviewReply>(reply, null, subject);
};

const commandIdFor = (tenant: string, { commandId }: CommandOptions): string =>
  commandId ?? commandIdOf(tenant, globalThis.crypto.randomUUID());

const controls = (
  { actor }: Context,
  commandId: string,
  { reason, expectedVersion, dryRun, traceparent }: CommandOptions,
): Record<string, string | undefined> => ({
  [NATS_HEADERS.messageId]: commandId,
  [CONTROL_HEADERS.actor]: actor,
  [CONTROL_HEADERS.reason]: reason,
  [CONTROL_HEADERS.expectedVersion]: expectedVersion?.toString(),
  [CONTROL_HEADERS.dryRun]: dryRun ? "true" : undefined,
  [NATS_HEADERS.traceparent]: traceparent,
});
