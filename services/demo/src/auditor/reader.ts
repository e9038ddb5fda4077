/**
 * Fills the fact book from NATS: the audit stream, the history, the target stream, and the commands `trigger`
 * on their way. Everything but the last is read from streams, so it does not matter when the auditor came.
 */

import {
  type CloudEvent,
  CONTROL_HEADERS,
  type CommandRejectedData,
  DEFAULT_TENANT,
  type ExecutionEventData,
  FIRE_HEADERS,
  NATS_HEADERS,
  names,
  type ScheduleEventData,
} from "@carillon/contracts";
import { DeliverPolicy, type JsMsg, jetstream } from "@nats-io/jetstream";
import type { Msg, NatsConnection } from "@nats-io/nats-core";
import { untilStream } from "../stream-wait.ts";
import type { FactBook } from "./fact-book.ts";

const subjects = names();
const NANOS_PER_MS = 1_000_000n;

/** Reads what was stored since `sinceAt` (epoch ms), and goes on reading; resolves when all streams are there. */
export async function readFacts(nc: NatsConnection, book: FactBook, sinceAt: number): Promise<void> {
  listenForTriggers(nc, book);
  const { audit, executions, targets } = subjects.streams;
  await Promise.all([
    follow(nc, { stream: audit, sinceAt, headersOnly: false }, (message) => noteAudit(book, message)),
    follow(nc, { stream: executions, sinceAt, headersOnly: false }, (message) =>
      book.executionEvent(message.json<CloudEvent<ExecutionEventData>>()),
    ),
    follow(nc, { stream: targets, sinceAt, headersOnly: true }, (message) => noteCommand(book, message)),
  ]);
}

interface Source {
  readonly stream: string;
  readonly sinceAt: number;
  readonly headersOnly: boolean;
}

async function follow(nc: NatsConnection, source: Source, note: (message: JsMsg) => void): Promise<void> {
  await untilStream(nc, source.stream);
  const consumer = await jetstream(nc).consumers.get(source.stream, {
    deliver_policy: DeliverPolicy.StartTime,
    opt_start_time: new Date(source.sinceAt).toISOString(),
    headers_only: source.headersOnly,
  });
  await consumer.consume({ callback: note });
}

function noteAudit(book: FactBook, message: JsMsg): void {
  const place = subjects.event.parse(message.subject);
  if (place?.tenant !== DEFAULT_TENANT) return;
  if (place.entity === "command") book.rejection(message.json<CloudEvent<CommandRejectedData>>());
  else book.scheduleEvent(place.what, message.json<CloudEvent<ScheduleEventData>>());
}

function noteCommand(book: FactBook, message: JsMsg): void {
  const header = (name: string): string => message.headers?.get(name) ?? "";
  book.command(header(FIRE_HEADERS.scheduleId), {
    executionId: header(FIRE_HEADERS.executionId),
    nominalAt: Date.parse(header(FIRE_HEADERS.nominalAt)),
    dueAt: Date.parse(header(FIRE_HEADERS.dueAt)),
    storedAt: Number(message.timestampNanos / NANOS_PER_MS),
    cause: header(FIRE_HEADERS.cause),
  });
}

/** A fire by hand is in no definition: whoever asks for it is overheard. */
function listenForTriggers(nc: NatsConnection, book: FactBook): void {
  const place = { tenant: DEFAULT_TENANT, verb: "trigger" };
  for (const form of [subjects.command, subjects.rpc]) {
    nc.subscribe(form.filter(place), {
      callback: (_, message: Msg) => {
        const { headers } = message;
        const commandId = headers?.get(NATS_HEADERS.messageId) || headers?.get(CONTROL_HEADERS.commandId);
        const scheduleId = form.parse(message.subject)?.scheduleId;
        if (commandId && scheduleId) book.trigger(scheduleId, commandId, Date.now());
      },
    });
  }
}
