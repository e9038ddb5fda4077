/**
 * What happened, told from the streams alone: the commands that targets were sent, and the events of each schedule. The
 * ledger of a schedule is the sum of `count` over its final events.
 */

import type {
  CloudEvent,
  CommandRejectedData,
  ExecutionEventData,
  ScheduleEventData,
} from "@carillon/contracts";
import { names } from "@carillon/contracts";
import type { NatsConnection } from "@nats-io/transport-node";
import { WAIT_MS } from "./board.ts";
import { type StoredMessage, type StreamTail, tailOf } from "./stream-tail.ts";

const { streams, event } = names();

/** An event with the message that carried it. */
export interface Told<Data> extends CloudEvent<Data> {
  readonly message: StoredMessage;
}

export type ExecutionEvent = Told<ExecutionEventData>;
export type ScheduleEvent = Told<ScheduleEventData>;
export type Rejection = Told<CommandRejectedData>;

export interface Witness {
  readonly targets: StreamTail;
  readonly executions: StreamTail;
  readonly audit: StreamTail;
  readonly deadLetters: StreamTail;
  /** Commands sent for a schedule so far, in the order of their stream. */
  commands(scheduleId: string, tenant?: string): StoredMessage[];
  /** Waits until there are `count` commands. */
  sent(scheduleId: string, count?: number, waitMs?: number): Promise<StoredMessage[]>;
  /** Events `execution.…` of a schedule so far. */
  story(scheduleId: string, tenant?: string): ExecutionEvent[];
  /** Waits until the final events cover `count` occurrences. */
  settled(scheduleId: string, count?: number, waitMs?: number): Promise<ExecutionEvent[]>;
  /** Events `schedule.…` of a schedule so far. */
  record(scheduleId: string, tenant?: string): ScheduleEvent[];
  /** Waits for the `nth` event `schedule.<what>`. */
  recorded(scheduleId: string, what: string, nth?: number): Promise<ScheduleEvent>;
  /** Waits for the refusal of a command. */
  rejected(commandId: string, waitMs?: number): Promise<Rejection>;
  /** Waits until everything stored so far has been read. */
  caughtUp(): Promise<void>;
}

/** The streams must exist, so a worker must have run. */
export async function witnessOf(nc: NatsConnection): Promise<Witness> {
  const open = (stream: string): Promise<StreamTail> => tailOf(nc, stream);
  const targets = await open(streams.targets);
  const executions = await open(streams.executions);
  const audit = await open(streams.audit);
  const deadLetters = await open(streams.deadLetters);

  const about = (scheduleId: string, tenant: string) => (message: StoredMessage) =>
    message.headers["Scheduler-Schedule-Id"] === scheduleId && message.headers["Scheduler-Tenant"] === tenant;
  const commands: Witness["commands"] = (scheduleId, tenant = "default") =>
    targets.items.filter(about(scheduleId, tenant));
  const story: Witness["story"] = (scheduleId, tenant = "default") =>
    eventsOf<ExecutionEventData>(executions.items, { tenant, entity: "execution", scheduleId });
  const record: Witness["record"] = (scheduleId, tenant = "default") =>
    eventsOf<ScheduleEventData>(audit.items, { tenant, entity: "schedule", scheduleId });

  return {
    targets,
    executions,
    audit,
    deadLetters,
    commands,
    story,
    record,
    sent: (scheduleId, count = 1, waitMs = WAIT_MS) =>
      targets.until(
        () => {
          const found = commands(scheduleId);
          return found.length >= count && found;
        },
        `command ${count} of ${scheduleId}`,
        waitMs,
      ),
    settled: (scheduleId, count = 1, waitMs = WAIT_MS) =>
      executions.until(
        () => {
          const found = story(scheduleId);
          return ledger(found) >= count && found;
        },
        `the final events of ${count} occurrences of ${scheduleId}`,
        waitMs,
      ),
    recorded: (scheduleId, what, nth = 1) =>
      audit.until(
        () => record(scheduleId).filter(({ type }) => type === `io.carillon.schedule.${what}.v1`)[nth - 1],
        `schedule.${what}, number ${nth}, of ${scheduleId}`,
      ),
    rejected: (commandId, waitMs = WAIT_MS) =>
      audit.until(
        (items) =>
          items
            .filter(({ subject }) => event.parse(subject)?.entity === "command")
            .map((message) => eventOf<CommandRejectedData>(message))
            .find(({ data }) => data.commandId === commandId),
        `the refusal of ${commandId}`,
        waitMs,
      ),
    caughtUp: async () => {
      for (const tail of [targets, executions, audit, deadLetters]) await tail.caughtUp();
    },
  };
}

/** Occurrences that are settled: the sum of `count` over final events. */
export const ledger = (story: readonly ExecutionEvent[]): number =>
  story.reduce((sum, { data }) => sum + (data.final ? (data.count ?? 1) : 0), 0);

/** What happened, without the rest of the type: `dispatched`, `missed` … */
export const whatOf = ({ type }: CloudEvent): string => type.split(".").at(-2) ?? "";

/** The instants that a schedule's commands were sent for. */
export const nominals = (commands: readonly StoredMessage[]): number[] =>
  commands.map(({ headers }) => Date.parse(headers["Scheduler-Nominal-At"] ?? ""));

/** Milliseconds from due to stored, of each command; below zero: fired early. */
export const lags = (commands: readonly StoredMessage[]): number[] =>
  commands.map(({ headers, storedAt }) => storedAt - Date.parse(headers["Scheduler-Due-At"] ?? ""));

function eventsOf<Data>(
  messages: readonly StoredMessage[],
  of: { tenant: string; entity: string; scheduleId: string },
): Told<Data>[] {
  return messages
    .filter(({ subject }) => {
      const place = event.parse(subject);
      return place?.tenant === of.tenant && place.entity === of.entity && place.scheduleId === of.scheduleId;
    })
    .map((message) => eventOf<Data>(message));
}

const eventOf = <Data>(message: StoredMessage): Told<Data> => ({
  ...(JSON.parse(message.body) as CloudEvent<Data>),
  message,
});
