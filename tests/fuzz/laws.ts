/** What must be true of every output, whatever came in. A law that is broken throws, and says what was seen. */

import {
  type Announcement,
  type CloudEvent,
  ERRORS,
  type ErrorBody,
  type ErrorReply,
  equalJson,
  isErrorCode,
  isLiteralSubject,
  names,
  type OkReply,
  RESERVED_HEADER_PREFIXES,
  validate,
} from "@carillon/contracts";
import { encodeHeaders } from "../../services/scheduler/src/adapters/nats/encoded-headers.ts";
import { parseHeaders } from "../../services/scheduler/src/adapters/nats/heard-headers.ts";
import type { Records } from "../../services/scheduler/src/app/records.ts";
import { advance } from "../../services/scheduler/src/domain/advance.ts";
import { eventMessage } from "../../services/scheduler/src/domain/event-message.ts";
import { INSTANT_MAX, isInstant, parseInstant } from "../../services/scheduler/src/domain/instant.ts";
import { describe } from "../../services/scheduler/src/domain/recurrence/index.ts";
import { isDispatch, type Schedule } from "../../services/scheduler/src/domain/schedule.ts";
import { targetMessage } from "../../services/scheduler/src/domain/target-message.ts";
import { aDispatch } from "../../services/scheduler/src/domain/testing/builders.ts";

export function demand(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Error(what.slice(0, 2_000));
}

const shown = (value: unknown): string => JSON.stringify(value)?.slice(0, 1_000) ?? "undefined";

/** Statuses of what is wrong with the input itself; the others are about what is stored. */
const OF_THE_INPUT: ReadonlySet<number> = new Set([400, 403, 413]);

/** As an error in a message may grow at most: details are few, and whatever they quote is cut. */
const ERROR_CHARACTERS_MAX = 20_000;

/** `root`: what paths lead into. */
export function checkError(error: ErrorBody, root: unknown): void {
  const { code, details } = error;
  demand(isErrorCode(code), `no code of the table: ${shown(code)}`);
  demand(error.retryable === ERRORS[code].retryable, `${code}: retryable ${error.retryable}`);
  demand(error.message !== "", `${code} without a message`);
  demand(
    JSON.stringify(error).length <= ERROR_CHARACTERS_MAX,
    `an error as long as ${JSON.stringify(error).length}`,
  );
  if (OF_THE_INPUT.has(ERRORS[code].status))
    demand(details.length > 0, `${code} names no place: ${error.message}`);
  for (const { path } of details)
    demand(couldExist(path, root), `${code}: no such place: ${shown(path)} in ${shown(root)}`);
}

const POINTER = /^(?:\/(?:[^~]|~[01])*)*$/u;
const CUT = /…|^.{256}$/su;

/** A JSON Pointer to a member that is there, or is missing where its parent is; what was cut is taken on trust. */
function couldExist(path: string, root: unknown): boolean {
  if (!POINTER.test(path)) return false;
  if (CUT.test(path)) return true;
  const tokens = path
    .split("/")
    .slice(1)
    .map((token) => token.replaceAll("~1", "/").replaceAll("~0", "~"));
  let there = root;
  for (const [index, token] of tokens.entries()) {
    if (typeof there !== "object" || there === null || !Object.hasOwn(there, token))
      return index === tokens.length - 1 || there === undefined;
    there = Object.entries(there).find(([name]) => name === token)?.[1];
  }
  return true;
}

const REPLIES: ReadonlyMap<string, typeof validate.reply> = new Map([
  ["get", validate.getReply],
  ["preview", validate.previewReply],
  ["verify", validate.verifyReply],
]);

export function checkReply(reply: OkReply | ErrorReply, verb: string): void {
  const check = reply.ok ? (REPLIES.get(verb) ?? validate.okReply) : validate.errorReply;
  const faults = check(JSON.parse(JSON.stringify(reply)));
  demand(faults.length === 0, `a reply to ${verb} that fits no schema: ${shown(faults)}`);
  if (!reply.ok) checkError(reply.error, undefined);
}

const DATA = {
  schedule: validate.scheduleEventData,
  execution: validate.executionEventData,
  command: validate.commandRejectedData,
} as const;

const { event } = names();

/** An event as it is published. */
export function checkEvent({ subject, data }: { subject: string; data: string | Uint8Array }): void {
  demand(isLiteralSubject(subject), `an event under ${shown(subject)}`);
  const told: CloudEvent = JSON.parse(data.toString());
  const place = event.parse(subject);
  const faults = [
    ...validate.cloudEventEnvelope(told),
    ...DATA[(place?.entity ?? "command") as keyof typeof DATA](told.data),
  ];
  demand(faults.length === 0, `an event that fits no schema: ${shown(faults)}`);
}

/** So long nobody looks at a schedule: ten years. */
const ABSENCE_MS = 315_360_000_000;

/** A schedule that was accepted: it runs, can be stored and read again, and what it sends is safe. */
export async function checkSchedule(schedule: Schedule, records: Records): Promise<void> {
  await checkStored(schedule, records);
  checkTimes(schedule);
  const { state, record } = schedule;
  const later = advance(schedule, state.sinceAt + ABSENCE_MS, false)?.state ?? state;
  await checkStored({ ...schedule, state: later }, records);
  for (const owed of later.owed) if (owed.kind === "announcement") checkAnnouncement(schedule, owed);
  for (const dispatch of [aDispatch(), ...later.owed.filter(isDispatch)]) {
    const { subject, headers } = targetMessage(record, dispatch);
    demand(isLiteralSubject(subject), `a target ${shown(subject)}`);
    checkHeaders(record.effective.target.headers, headers);
  }
}

async function checkStored({ record, state }: Schedule, records: Records): Promise<void> {
  const written = { record: JSON.stringify(record), state: JSON.stringify({ ...state, revision: 1 }) };
  const faults = [
    ...validate.definitionRecord(JSON.parse(written.record)),
    ...validate.stateRecord(JSON.parse(written.state)),
  ];
  demand(faults.length === 0, `a record that fits no schema: ${shown(faults)}`);
  const stored = (text: string) => ({
    key: "0.acme.daily",
    value: new TextEncoder().encode(text),
    revision: 1,
    storedAt: 0,
  });
  const key = `0.${record.tenant}.${record.scheduleId}`;
  const opened = await records.inspect({ ...stored(written.state), key }, stored(written.record));
  demand(opened.ok && opened.schedule.timeline.fault === null, "a record that cannot be opened again");
  demand(
    equalJson(opened.schedule.record, record) && equalJson(opened.schedule.state.owed, state.owed),
    "a record that reads otherwise than it was written",
  );
}

/** Occurrences looked at. */
const TIMES = 4;

function checkTimes({ record, state, timeline }: Schedule): void {
  for (const text of [record.effective.startAt, record.effective.endAt]) {
    demand(text === null || parseInstant(text) !== null, `a bound that bounds nothing: ${text}`);
  }
  for (const at of [state.nominalAt, state.dueAt]) demand(at === null || isInstant(at), `no instant: ${at}`);
  let at = timeline.first(record.acceptedAt);
  for (let count = 0; at !== null && count < TIMES; count++) {
    const dueAt = timeline.dueAt(at);
    demand(isInstant(at) && isInstant(dueAt) && dueAt >= at, `occurrence ${at}, due ${dueAt}`);
    const following = timeline.next(at);
    demand(following === null || following > at, `occurrence ${following} after ${at}`);
    at = following;
  }
  demand(timeline.next(INSTANT_MAX) === null, "an occurrence after the last instant");
  demand(describe(record.effective.trigger) !== "", "a trigger without words");
}

function checkAnnouncement({ record }: Schedule, owed: Announcement): void {
  checkEvent(eventMessage(names(), record, owed, owed.definition ? record : null));
}

/** On the wire each header is one line, and says what was meant. */
function checkHeaders(own: Readonly<Record<string, string>>, all: Readonly<Record<string, string>>): void {
  for (const name of Object.keys(own)) {
    const reserved = RESERVED_HEADER_PREFIXES.some((prefix) => name.toLowerCase().startsWith(prefix));
    demand(!reserved, `a target with the header ${name}`);
  }
  const bytes = encodeHeaders(null, all)?.bytes ?? new Uint8Array();
  const lines = Buffer.from(bytes).toString().split("\r\n");
  demand(
    lines.length === Object.keys(all).length + 3,
    `${Object.keys(all).length} headers in ${lines.length} lines`,
  );
  demand(
    lines.every((line) => !/[\r\n\0]/.test(line)),
    "a header with a line end",
  );
  const heard = parseHeaders(bytes);
  for (const [name, value] of Object.entries(all)) {
    demand(
      heard.get(name) === value.toWellFormed().trim(),
      `header ${name} arrives as ${shown(heard.get(name))}`,
    );
  }
}
