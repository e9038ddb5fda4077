/**
 * The rpc side: the same verbs as the inbox, with an answer. A write goes through the inbox like any other command, so there is one order
 * and one writer; this waits for its outcome. A read is answered from what is stored, by any worker.
 */

import {
  ANONYMOUS,
  CONTROL_HEADERS,
  commandIdOf,
  ERRORS,
  type ErrorBody,
  isCommandId,
  isName,
  isReadVerb,
  isReplySubject,
  isScheduleVerb,
  isTenantVerb,
  isWriteVerb,
  NATS_HEADERS,
  type Names,
  nameOrBlank,
  READ_VERBS,
  TENANT_VERBS,
  WRITE_VERBS,
} from "@carillon/contracts";
import { controlText } from "../domain/command.ts";
import { lengthFault } from "../domain/command-body.ts";
import { reject, rejectAt } from "../domain/rejection.ts";
import { Abandoned, InboxRefused, type Outcomes, type RpcAnswer, type RpcRequest } from "./ports.ts";
import { answerRead, type ReadDeps } from "./reads.ts";
import type { Refuser } from "./refuser.ts";
import { failed } from "./rpc-answer.ts";

/** Every rpc is answered within two seconds; this is what the outcome of a write may take of them. */
export const OUTCOME_WAIT_MS = 1_800;

export interface ApiDeps extends ReadDeps {
  outcomes: Outcomes;
  refuser: Refuser;
  /** A random text for a command id. */
  randomId(): string;
}

/** Characters of a control header that go on; the inbox takes no message with long headers, and no reader heeds more. */
const FORWARDED_CHARACTERS_MAX = 1_024;

interface Address {
  tenant: string;
  verb: string;
  scheduleId: string | null;
}

/** Control headers that go on into the inbox as they come. */
const FORWARDED = [
  CONTROL_HEADERS.actor,
  CONTROL_HEADERS.reason,
  CONTROL_HEADERS.expectedVersion,
  CONTROL_HEADERS.dryRun,
  NATS_HEADERS.traceparent,
] as const;

/** Null: no answer, because the reply subject may not have one. */
export const answerRpc =
  (deps: ApiDeps) =>
  async (request: RpcRequest): Promise<RpcAnswer | null> => {
    const address = parse(deps.names, request.subject);
    if (request.reply !== undefined && !isReplySubject(request.reply)) {
      const message = "answers go only to subjects that begin with _INBOX or _R_.";
      await refuse(deps, request, rejectAt("reply_subject_not_allowed", "", message).error);
      return null;
    }
    if (address === null) return refuse(deps, request, misspelt(request.subject));
    if (isWriteVerb(address.verb)) return write(deps, request, address);
    const { verb } = address;
    if (isReadVerb(verb)) return answerRead(deps, { ...address, verb }, request.data);
    return refuse(deps, request, unknownVerb(verb));
  };

/** For the catch-all: only what no endpoint takes, whatever the tokens in its other places. */
export const answerStray =
  (deps: ApiDeps) =>
  async (request: RpcRequest): Promise<RpcAnswer | null> => {
    const about = deps.names.rpc.parse(request.subject);
    const taken =
      about === null
        ? isTenantVerb(deps.names.rpcTenant.parse(request.subject)?.verb)
        : isScheduleVerb(about.verb);
    return taken ? null : answerRpc(deps)(request);
  };

function parse(names: Names, subject: string): Address | null {
  const about = names.rpc.parse(subject);
  if (about !== null) {
    const fits = isName(about.tenant) && isName(about.scheduleId);
    return fits && !isMisplaced(about.verb, isScheduleVerb) ? about : null;
  }
  const whole = names.rpcTenant.parse(subject);
  const fits = whole !== null && isName(whole.tenant) && !isMisplaced(whole.verb, isTenantVerb);
  return fits ? { ...whole, scheduleId: null } : null;
}

/** A verb that exists, and is not about what the subject names. One that does not exist is told apart later. */
const isMisplaced = (verb: string, belongs: (verb: string) => boolean): boolean =>
  isVerb(verb) && !belongs(verb);

async function write(deps: ApiDeps, request: RpcRequest, address: Address): Promise<RpcAnswer> {
  const { tenant, verb, scheduleId } = address;
  const given = request.header(NATS_HEADERS.messageId);
  if (given !== null && !isCommandId(tenant, given)) {
    const { error } = rejectAt(
      "invalid_command_id",
      "",
      `${NATS_HEADERS.messageId}: expected "${tenant}." and 1 to 128 of A-Z a-z 0-9 _ . : @ ~ -`,
    );
    return refuse(deps, request, error);
  }
  const tooLong = lengthFault(request.data, deps.rules().tenants.get(tenant));
  if (tooLong !== null) return refuse(deps, request, tooLong);
  const commandId = given ?? commandIdOf(tenant, deps.randomId());
  const outcome = deps.outcomes.expect(OUTCOME_WAIT_MS);
  const subject = deps.names.command.build({ tenant, verb, scheduleId: scheduleId ?? "_" });
  try {
    await deps.inbox.post(subject, request.data, {
      ...forwarded(request),
      [CONTROL_HEADERS.commandId]: commandId,
      [CONTROL_HEADERS.replyTo]: outcome.subject,
    });
  } catch (error) {
    outcome.forget();
    if (error instanceof Abandoned)
      return unknown(commandId, "NATS has not confirmed the command; it may be queued");
    const reason = error instanceof Error ? error.message : String(error);
    const full = error instanceof InboxRefused && error.code === "stream_full";
    const code = full ? "storage_full" : "partition_unavailable";
    const message = `the command was not stored in ${deps.names.streams.commands}: ${reason}`;
    return failed({ ...reject(code, message).error, commandId, retryAfterMs: 1_000 });
  }
  const answer = await outcome.answer;
  return answer === null
    ? unknown(commandId, "the command is durably queued; its outcome is not known yet")
    : answered(answer);
}

/** Sent again under the same id, the command is answered with its first outcome. */
const unknown = (commandId: string, message: string): RpcAnswer =>
  failed({ ...reject("outcome_unknown", message).error, commandId, retryAfterMs: 1_000 });

function forwarded(request: RpcRequest): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const name of FORWARDED) {
    const value = request.header(name);
    if (value !== null) headers[name] = value.slice(0, FORWARDED_CHARACTERS_MAX);
  }
  return headers;
}

/** How every answer begins that is no error. */
const OK = '{"ok":true,';

/** The owner's answer, with the error's headers where it is one. */
function answered(data: string): RpcAnswer {
  if (data.startsWith(OK)) return { data };
  const reply: unknown = JSON.parse(data);
  const error = (reply as { error?: ErrorBody }).error;
  return error === undefined
    ? { data }
    : { data, error: { status: ERRORS[error.code].status, message: error.message } };
}

/** The refusal of what never reaches the inbox: told like any other, then answered. */
async function refuse(deps: ApiDeps, request: RpcRequest, error: ErrorBody): Promise<RpcAnswer> {
  const [, , tenantToken, verb, scheduleId] = request.subject.split(".");
  const tenant = nameOrBlank(tenantToken);
  const sender = {
    tenant,
    scheduleId: nameOrBlank(scheduleId),
    verb: verb ?? null,
    subject: request.subject,
    commandId: commandIdOf(tenant, deps.randomId()),
    actor: controlText(request.header(CONTROL_HEADERS.actor)) ?? ANONYMOUS,
    replyTo: null,
  };
  await deps.refuser.refuse(sender, error, deps.clock.now());
  return failed(error);
}

const isVerb = (verb: string): boolean => isWriteVerb(verb) || isReadVerb(verb);

function misspelt(subject: string): ErrorBody {
  const verb = subject.split(".")[3];
  if (verb !== undefined && !isVerb(verb)) return unknownVerb(verb);
  return rejectAt("bad_subject", "", badSubject(subject)).error;
}

const badSubject = (subject: string): string =>
  `subject "${subject.slice(0, 256)}": expected rpc.scheduler.<tenant>.<verb>.<scheduleId>, or nothing after the verbs ${TENANT_VERBS.join(", ")}; tenant and scheduleId are 1 to 64 of A-Z a-z 0-9 _ -`;

function unknownVerb(verb: string): ErrorBody {
  const verbs = [...WRITE_VERBS, ...READ_VERBS].join(", ");
  return rejectAt("unknown_verb", "", `verb "${verb.slice(0, 64)}" is unknown; expected one of ${verbs}`)
    .error;
}
