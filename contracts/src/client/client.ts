/*
 * The typed client. Each verb waits for its outcome over rpc, or, under `durable`, for JetStream's word that
 * the command is stored. A command without an id is given a random one, so that a retry with the id that an
 * error names is harmless.
 */
import type { NatsConnection } from "@nats-io/nats-core";
import type { OkReply, ScheduleView } from "../generated/types.ts";
import { CONTROL_HEADERS, commandIdOf, NATS_HEADERS, type WriteVerb } from "../subjects/index.ts";
import { type ClientOptions, type Context, contextOf } from "./context.ts";
import { type Entity, type EventOf, type EventOptions, eventsOver } from "./events.ts";
import { readPubAck, type Stored } from "./pub-ack.ts";
import { type Questions, questionsOver } from "./questions.ts";
import { accepted } from "./reply.ts";
import { ask, assertName } from "./request.ts";
import { type Verbs, verbsOver } from "./verbs.ts";

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

export interface Client extends Verbs<CommandOptions, ScheduleView>, Questions {
  /** The same verbs, done when JetStream has stored the command, whether or not a worker runs. */
  readonly durable: Verbs<DurableOptions, Stored>;
  /** What happens to the tenant's schedules, as it happens or since some time. Begins at once; ends with `return()`, a `break`, the signal or the connection. */
  events<Of extends Entity = Entity>(options?: EventOptions<Of>): AsyncIterableIterator<EventOf[Of]>;
}

/** The connection stays the caller's to close. */
export const createClient = (nc: NatsConnection, options: ClientOptions = {}): Client => {
  const context = contextOf(nc, options);
  return {
    ...verbsOver<CommandOptions, ScheduleView>((...command) => decided(context, ...command)),
    ...questionsOver(context),
    durable: verbsOver<DurableOptions, Stored>((...command) => stored(context, ...command)),
    events: (options) => eventsOver(context, options ?? {}),
  };
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
