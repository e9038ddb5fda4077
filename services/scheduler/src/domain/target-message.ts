/** The target's command for one dispatch: subject, body and headers, a pure function of the definition and the dispatch. */

import {
  type DefinitionRecord,
  type Dispatch,
  FIRE_HEADERS,
  messageId,
  NATS_HEADERS,
} from "@carillon/contracts";
import { type EpochMs, formatInstant } from "./instant.ts";
import { unitHash } from "./jitter.ts";

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
  const word = (salt: string): string =>
    Math.floor(unitHash(`${salt}${execution}`) * 2 ** 32)
      .toString(16)
      .padStart(8, "0");
  const traceId = ["a", "b", "c", "d"].map(word).join("");
  return `00-${traceId}-${word("e")}${word("f")}-00`;
}
