/**
 * A command as it came out of the inbox, read and checked as far as that is possible without looking at its schedule: subject, tenant,
 * reply subject, control headers, JSON. What the verbs make of the body is theirs.
 */

import {
  ANONYMOUS,
  CONTROL_HEADERS,
  commandIdAt,
  type ErrorBody,
  isCommandId,
  isName,
  isReplySubject,
  isWriteVerb,
  NATS_HEADERS,
  type Names,
  nameOrBlank,
  type WriteVerb,
  wholeText,
} from "@carillon/contracts";
import { parseBody } from "./command-body.ts";
import type { EpochMs } from "./instant.ts";
import { type Checked, rejectAt } from "./rejection.ts";
import type { Tenants } from "./tenants.ts";

export interface Command {
  tenant: string;
  scheduleId: string;
  verb: WriteVerb;
  /** undefined: the body is empty. */
  body: unknown;
  commandId: string;
  actor: string;
  reason: string | null;
  /** The version that the schedule must have; null: any. */
  expectedVersion: number | null;
  dryRun: boolean;
  traceparent: string | null;
  /** When NATS stored it: instants in the command are judged at this time. */
  storedAt: EpochMs;
  sequence: number;
  /** Identity of the inbox that `sequence` belongs to. */
  inbox: string;
}

/** A command before it is read: what the inbox port delivers, and the inbox's identity. */
export interface Envelope {
  subject: string;
  data: Uint8Array;
  header(name: string): string | null;
  sequence: number;
  storedAt: EpochMs;
  inbox: string;
}

/** Who sent what, as far as it can be told; every refusal names this. `_` stands for a token outside the grammar. */
export interface Sender {
  tenant: string;
  scheduleId: string;
  verb: string | null;
  /** The subject as its sender wrote it. */
  subject: string;
  commandId: string;
  actor: string;
  /** Where the outcome goes; null: nowhere, or not to a place that answers may go to. */
  replyTo: string | null;
}

/** Longest actor and reason, in characters; the rest is cut. */
export const CONTROL_TEXT_MAX = 256;

export function senderOf(envelope: Envelope, names: Names): Sender {
  const address = addressOf(envelope.subject, names);
  const replyTo = envelope.header(CONTROL_HEADERS.replyTo);
  return {
    ...address,
    commandId:
      givenCommandId(envelope, address.tenant) ??
      commandIdAt(address.tenant, envelope.sequence, envelope.storedAt),
    actor: controlText(envelope.header(CONTROL_HEADERS.actor)) ?? ANONYMOUS,
    replyTo: replyTo !== null && isReplySubject(replyTo) ? replyTo : null,
  };
}

/** What the inbox's transform matched comes under the inbox's form; everything else as it was sent. */
function addressOf(
  subject: string,
  names: Names,
): Pick<Sender, "tenant" | "scheduleId" | "verb" | "subject"> {
  const parsed = names.inbox.parse(subject);
  if (parsed === null) {
    const [, , tenant, verb, scheduleId] = subject.split(".");
    return { tenant: nameOrBlank(tenant), scheduleId: nameOrBlank(scheduleId), verb: verb ?? null, subject };
  }
  const { tenant, verb, scheduleId } = parsed;
  return {
    tenant: wholeText(nameOrBlank(tenant)),
    scheduleId: wholeText(nameOrBlank(scheduleId)),
    verb: isName(tenant) && isName(scheduleId) && isWriteVerb(verb) ? verb : null,
    subject: names.command.build(parsed),
  };
}

function givenCommandId(envelope: Envelope, tenant: string): string | null {
  const id = envelope.header(CONTROL_HEADERS.commandId) ?? envelope.header(NATS_HEADERS.messageId);
  return id !== null && isCommandId(tenant, id) ? id : null;
}

/** Refuses what fits no form, an unknown tenant, control headers outside their grammar, and a body that is too long or not JSON. */
export function readCommand(
  envelope: Envelope,
  sender: Sender,
  { names, tenants }: { names: Names; tenants: Tenants },
): Checked<Command> {
  const { tenant, scheduleId, verb } = sender;
  if (!isWriteVerb(verb) || !fits(envelope, names)) return badSubject(sender);
  const settings = tenants.get(tenant);
  if (settings === undefined) {
    return rejectAt("tenant_unknown", "", `tenant "${tenant}" is not in the tenants file`);
  }
  const fault = checkHeaders(envelope, tenant);
  if (fault !== null) return { ok: false, error: fault };
  const body = parseBody(envelope.data, settings);
  if (!body.ok) return body;
  const expected = envelope.header(CONTROL_HEADERS.expectedVersion);
  return {
    ok: true,
    value: {
      tenant,
      scheduleId,
      verb,
      body: body.value,
      commandId: sender.commandId,
      actor: sender.actor,
      reason: controlText(envelope.header(CONTROL_HEADERS.reason)),
      expectedVersion: expected === null ? null : Number(expected),
      dryRun: envelope.header(CONTROL_HEADERS.dryRun) === "true",
      traceparent: traceparentOf(envelope),
      storedAt: envelope.storedAt,
      sequence: envelope.sequence,
      inbox: envelope.inbox,
    },
  };
}

const fits = (envelope: Envelope, names: Names): boolean => names.inbox.parse(envelope.subject) !== null;

function badSubject({ subject }: Sender): Checked<Command> {
  const shown = subject.slice(0, CONTROL_TEXT_MAX);
  return rejectAt(
    "bad_subject",
    "",
    `subject "${shown}": expected cmd.scheduler.<tenant>.<verb>.<scheduleId> with a known verb; tenant and scheduleId are 1 to 64 of A-Z a-z 0-9 _ -`,
  );
}

function checkHeaders(envelope: Envelope, tenant: string): ErrorBody | null {
  const replyTo = envelope.header(CONTROL_HEADERS.replyTo);
  if (replyTo !== null && !isReplySubject(replyTo)) {
    return rejectAt(
      "reply_subject_not_allowed",
      "",
      `${CONTROL_HEADERS.replyTo}: answers go only to subjects that begin with _INBOX or _R_.`,
    ).error;
  }
  for (const name of [CONTROL_HEADERS.commandId, NATS_HEADERS.messageId]) {
    const id = envelope.header(name);
    if (id !== null && !isCommandId(tenant, id)) {
      return rejectAt(
        "invalid_command_id",
        "",
        `${name}: expected "${tenant}." and 1 to 128 of A-Z a-z 0-9 _ . : @ ~ -`,
      ).error;
    }
  }
  const version = envelope.header(CONTROL_HEADERS.expectedVersion);
  if (version !== null && !/^\d{1,15}$/.test(version)) {
    return rejectAt("invalid_header", "", `${CONTROL_HEADERS.expectedVersion}: expected a version number`)
      .error;
  }
  const dryRun = envelope.header(CONTROL_HEADERS.dryRun);
  if (dryRun !== null && dryRun !== "true" && dryRun !== "false") {
    return rejectAt("invalid_header", "", `${CONTROL_HEADERS.dryRun}: expected true or false`).error;
  }
  return null;
}

const TRACEPARENT = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;

/** A malformed trace context is dropped, as W3C Trace Context §3.2.2 asks. */
function traceparentOf(envelope: Envelope): string | null {
  const value = envelope.header(NATS_HEADERS.traceparent);
  return value !== null && TRACEPARENT.test(value) ? value : null;
}

/** Control characters become spaces, since this text goes on into headers, logs and events. */
export function controlText(value: string | null): string | null {
  if (value === null) return null;
  const text = value
    .replace(/\p{Cc}/gu, " ")
    .trim()
    .slice(0, CONTROL_TEXT_MAX);
  return text === "" ? null : text;
}
