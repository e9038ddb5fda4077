/** The target's command for one dispatch: subject, body and headers, a pure function of the definition and the dispatch. */

import {
  type DefinitionRecord,
  type Dispatch,
  FIRE_HEADERS,
  fnv1a32,
  messageId,
  NATS_HEADERS,
} from "@carillon/contracts";
import { formatInstant } from "./instant.ts";
import { scramble } from "./jitter.ts";

export interface TargetMessage {
  subject: string;
  /** The JSON of the payload; empty without one. */
  data: string;
  /** The message id: a repeat under it is dropped by the target's stream. */
  id: string;
  headers: Readonly<Record<string, string>>;
}

export function targetMessage(record: DefinitionRecord, dispatch: Dispatch): TargetMessage {
  const { target } = record.effective;
  const payload = "payload" in dispatch ? dispatch.payload : record.effective.payload;
  return {
    subject: target.subject,
    data: payload === undefined ? "" : JSON.stringify(payload),
    id: messageId(record.tenant, dispatch.executionId, dispatch.attempt),
    headers: headersOf(record, dispatch),
  };
}

/** Those that the target asked for, and those of the fire. Assigned one by one: a literal of computed names takes six times as long. */
function headersOf(
  { tenant, scheduleId, effective }: DefinitionRecord,
  dispatch: Dispatch,
): Record<string, string> {
  const headers: Record<string, string> = { ...effective.target.headers };
  const { executionId, nominalAt, dueAt, previousAt, nextAt, traceparent } = dispatch;
  headers[FIRE_HEADERS.tenant] = tenant;
  headers[FIRE_HEADERS.scheduleId] = scheduleId;
  headers[FIRE_HEADERS.executionId] = executionId;
  headers[FIRE_HEADERS.attempt] = String(dispatch.attempt);
  headers[FIRE_HEADERS.nominalAt] = formatInstant(nominalAt);
  headers[FIRE_HEADERS.dueAt] = formatInstant(dueAt);
  headers[FIRE_HEADERS.cause] = dispatch.cause;
  headers[NATS_HEADERS.traceparent] = traceparent ?? traceparentOf(`${tenant}.${executionId}`);
  if (previousAt !== null) headers[FIRE_HEADERS.previousAt] = formatInstant(previousAt);
  if (nextAt !== null) headers[FIRE_HEADERS.nextAt] = formatInstant(nextAt);
  return headers;
}

/**
 * A trace context (W3C Trace Context §3.2) that is the same whenever this execution is sent; not sampled, since no span of
 * it is exported. Spread, not secure: ids need only differ.
 */
function traceparentOf(execution: string): string {
  // 64 bits out of the text, from both of its ends; 192 out of these.
  const one = fnv1a32(execution);
  const other = fnv1a32(`trace of ${execution}`);
  for (let n = 0; n < words.length; n++) words[n] = scramble(one ^ Math.imul(other + n, GOLDEN));
  const hex = bytesOfWords.toHex();
  return `00-${hex.slice(0, 32)}-${hex.slice(32)}-00`;
}

/** Of the trace context that is being made; a typed array is dear to make. */
const words = new Uint32Array(6);
const bytesOfWords = new Uint8Array(words.buffer);

/** 2^32 divided by the golden ratio: neighbouring numbers get unlike bits. */
const GOLDEN = 0x9e3779b1;
