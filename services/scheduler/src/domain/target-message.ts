/** The target's command for one dispatch: subject, body and headers, a pure function of the definition and the dispatch. */

import {
  type DefinitionRecord,
  type Dispatch,
  FIRE_HEADERS,
  fnv1a32,
  messageId,
  NATS_HEADERS,
} from "@carillon/contracts";
import { type EpochMs, formatInstant } from "./instant.ts";
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
    headers: { ...target.headers, ...fireHeaders(record, dispatch) },
  };
}

function fireHeaders({ tenant, scheduleId }: DefinitionRecord, dispatch: Dispatch): Record<string, string> {
  const headers: Record<string, string> = {
    [FIRE_HEADERS.tenant]: tenant,
    [FIRE_HEADERS.scheduleId]: scheduleId,
    [FIRE_HEADERS.executionId]: dispatch.executionId,
    [FIRE_HEADERS.attempt]: String(dispatch.attempt),
    [FIRE_HEADERS.nominalAt]: formatInstant(dispatch.nominalAt),
    [FIRE_HEADERS.dueAt]: formatInstant(dispatch.dueAt),
    [FIRE_HEADERS.cause]: dispatch.cause,
    [NATS_HEADERS.traceparent]: dispatch.traceparent ?? traceparentOf(`${tenant}.${dispatch.executionId}`),
  };
  addInstant(headers, FIRE_HEADERS.previousAt, dispatch.previousAt);
  addInstant(headers, FIRE_HEADERS.nextAt, dispatch.nextAt);
  return headers;
}

function addInstant(headers: Record<string, string>, name: string, at: EpochMs | null): void {
  if (at !== null) headers[name] = formatInstant(at);
}

/**
 * A trace context (W3C Trace Context §3.2) that is the same whenever this execution is sent; not sampled, since no span of
 * it is exported. Spread, not secure: ids need only differ.
 */
function traceparentOf(execution: string): string {
  // 64 bits out of the text, from both of its ends; 192 out of these.
  const [one, other] = [fnv1a32(execution), fnv1a32(`trace of ${execution}`)];
  const word = (number: number): string =>
    (2 ** 32 + scramble(one ^ Math.imul(other + number, GOLDEN))).toString(16).slice(1);
  return `00-${word(0)}${word(1)}${word(2)}${word(3)}-${word(4)}${word(5)}-00`;
}

/** 2^32 divided by the golden ratio: neighbouring numbers get unlike bits. */
const GOLDEN = 0x9e3779b1;
