/**
 * The inbox: unread commands stand under the partitions of the old number. It is closed, so that nothing comes in between and whoever
 * publishes is told; then each of them is stored again at its end, in order, under its new partition, with where and when it was stored
 * first. Each copy names the sequence before it, so that a repeat of this step goes on after the last one.
 */

import { MOVED_HEADERS, NATS_HEADERS, partitionOf } from "@carillon/contracts";
import type { StreamInfo } from "@nats-io/jetstream";
import type { Moved } from "../installation.ts";
import { movedHeaders, type Origin, originOf } from "../moved.ts";
import {
  dataOf,
  headerBytesOf,
  headersOf,
  nextMessage,
  type StoredMessage,
  streamInfo,
} from "../stream-questions.ts";
import { RepartitionRefused, type Step, store } from "./deps.ts";

type Config = Record<string, unknown>;

export async function inboxInfo({ api, names }: Step): Promise<StreamInfo> {
  const info = await streamInfo(api, names.streams.commands);
  if (info === null)
    throw new RepartitionRefused(`stream ${names.streams.commands} is gone; restore it first`);
  return info;
}

/** Takes no command any more; idempotent. The consumers of all terms go, too: partitions of their numbers may not exist any longer. */
export async function closeInbox(step: Step): Promise<StreamInfo> {
  const { api, names, guard } = step;
  const { config } = await inboxInfo(step);
  const { subject_transform: _, ...rest } = config as unknown as Config;
  await api.ask(`STREAM.UPDATE.${names.streams.commands}`, { ...rest, subjects: [names.allInbox] }, guard);
  await deleteConsumers(step);
  return inboxInfo(step);
}

/** Takes commands under the partitions of the given number; idempotent. */
export async function openInbox(step: Step, partitions: number): Promise<void> {
  const { api, names, guard } = step;
  const { config } = await inboxInfo(step);
  await api.ask(
    `STREAM.UPDATE.${names.streams.commands}`,
    { ...config, subjects: [names.allCommands], subject_transform: names.inboxTransform(partitions) },
    guard,
  );
}

async function deleteConsumers({ api, names, guard }: Step): Promise<void> {
  const stream = names.streams.commands;
  for (;;) {
    const page = await api.ask<{ consumers: string[] | null }>(
      `CONSUMER.NAMES.${stream}`,
      { offset: 0 },
      guard,
    );
    const ours = (page.consumers ?? []).filter(
      (name) => names.consumers.parse(name) !== null || names.consumers.parseUnmatched(name) !== null,
    );
    if (ours.length === 0) return;
    for (const name of ours) await api.ask(`CONSUMER.DELETE.${stream}.${name}`, undefined, guard);
  }
}

/** `after`: last sequence of the inbox when it was closed; `before`: what an earlier change moved. Answers what is moved now. */
export async function moveCommands(
  step: Step,
  { after, before }: { after: number; before: Moved | null },
): Promise<Moved> {
  const info = await inboxInfo(step);
  const inbox = info.created;
  let last = info.state.last_seq;
  const goesOn = last > after ? await sourceOf(step, last, { inbox, after, until: last }) : 0;
  let count = 0;
  for (let from = goesOn + 1; from <= after; ) {
    const message = await next(step, from);
    if (message === null || message.seq > after) break;
    const origin =
      originOf(headersOf(message).get, message.seq, { moved: before, inbox }) ?? ownOrigin(message);
    last = await append(step, message, { origin, last });
    from = message.seq + 1;
    count++;
  }
  step.say(`${count} unread commands moved`);
  return { inbox, after, until: last };
}

const next = ({ api, names, guard }: Step, sequence: number): Promise<StoredMessage | null> =>
  nextMessage(api, names.streams.commands, { pattern: names.allInbox, sequence, guard });

const ownOrigin = (message: StoredMessage): Origin => ({
  sequence: message.seq,
  storedAt: Date.parse(message.time),
  messageId: headersOf(message).get(NATS_HEADERS.messageId),
});

/** Sequence in this inbox of the message of which the last one is a copy. */
async function sourceOf(step: Step, sequence: number, moved: Moved): Promise<number> {
  const message = await next(step, sequence);
  const source = message === null ? null : headersOf(message).get(MOVED_HEADERS.copyOf);
  if (source === null)
    throw new RepartitionRefused(
      `message ${sequence} of ${step.names.streams.commands} came into the closed inbox after ${moved.after}; remove it and run this again`,
    );
  return Number(source);
}

async function append(
  step: Step,
  message: StoredMessage,
  { origin, last }: { origin: Origin; last: number },
): Promise<number> {
  const { names, change } = step;
  const place = names.inbox.parse(message.subject);
  if (place === null) throw new RepartitionRefused(`${message.subject}: no command can have this subject`);
  const subject = names.inbox.build({
    ...place,
    partition: partitionOf(place.tenant, place.scheduleId, change.to),
  });
  const headers = movedHeaders(headerBytesOf(message), origin, {
    "Nats-Expected-Last-Sequence": String(last),
    [MOVED_HEADERS.copyOf]: String(message.seq),
  });
  const stored = await store(step, { subject, data: dataOf(message), headers });
  if (stored !== null) return stored;
  // Our own answer may have been lost.
  const found = await next(step, last + 1);
  if (found !== null && headersOf(found).get(MOVED_HEADERS.copyOf) === String(message.seq)) return found.seq;
  throw new RepartitionRefused("something else came into the closed inbox; run this again");
}

/** Removes what was copied; idempotent. */
export async function removeOriginals({ api, names, guard }: Step, { after }: Moved): Promise<void> {
  await api.ask(`STREAM.PURGE.${names.streams.commands}`, { filter: names.allInbox, seq: after + 1 }, guard);
}
