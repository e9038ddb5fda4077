/** What targets got, as a test wants to see it: the commands in the order in which they were stored, without the wire's spelling. */

import { FIRE_HEADERS, parseJson } from "@carillon/contracts";
import { formatInstant } from "../../scheduler/src/domain/instant.ts";
import type { Kept } from "./server/stream.ts";

/** One target command. Instants are RFC 3339, in UTC. */
export interface Fired {
  readonly tenant: string;
  readonly scheduleId: string;
  /** The target's subject. */
  readonly subject: string;
  /** Undefined: the body was empty. */
  readonly payload: unknown;
  /** All of them, those of the target and of the scheduler. */
  readonly headers: Readonly<Record<string, string>>;
  readonly executionId: string;
  /** 1 at first. */
  readonly attempt: number;
  readonly cause: "schedule" | "catch_up" | "trigger" | "retry";
  /** The instant that the trigger names. */
  readonly nominalAt: string;
  /** That plus jitter. */
  readonly dueAt: string;
  /** When the stream had it. */
  readonly at: string;
}

/** Null: not a command of the scheduler. */
export function firedOf({
  subject,
  data,
  headers,
  storedAt,
}: Pick<Kept, "subject" | "data" | "headers" | "storedAt">): Fired | null {
  const executionId = headers[FIRE_HEADERS.executionId];
  if (executionId === undefined) return null;
  const text = (name: string): string => headers[name] ?? "";
  return {
    tenant: text(FIRE_HEADERS.tenant),
    scheduleId: text(FIRE_HEADERS.scheduleId),
    subject,
    payload: jsonOf(data),
    headers,
    executionId,
    attempt: Number(text(FIRE_HEADERS.attempt)),
    cause: text(FIRE_HEADERS.cause) as Fired["cause"],
    nominalAt: text(FIRE_HEADERS.nominalAt),
    dueAt: text(FIRE_HEADERS.dueAt),
    at: formatInstant(storedAt),
  };
}

/** Undefined: there is no text. */
export function jsonOf(data: string | Uint8Array): unknown {
  if (data.length === 0) return undefined;
  const parsed = parseJson(data);
  return parsed.ok ? parsed.value : undefined;
}
