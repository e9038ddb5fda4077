/**
 * What was told and what was sent, as `verify` needs it: events of executions and of schedules, and target commands by their headers, read
 * back from what is stored. Whatever is not one of ours, or lacks what it must have, is null: streams hold what anybody published.
 */

import {
  type CloudEvent,
  type EffectiveDefinition,
  type ExecutionEventData,
  FIRE_HEADERS,
  type ScheduleEventData,
  validate,
} from "@carillon/contracts";
import { type EpochMs, parseInstant } from "../instant.ts";

/** An event about an execution, or about neighbours that share it. */
export interface Told {
  readonly id: string;
  readonly what: string;
  readonly scheduleId: string;
  /** Of the definition; null: it does not say. */
  readonly version: number | null;
  /** Null: of several occurrences. */
  readonly executionId: string | null;
  /** Null: it never came to an attempt. */
  readonly attempt: number | null;
  readonly firstAt: EpochMs;
  readonly lastAt: EpochMs;
  readonly count: number;
  readonly reason: string;
  /** By the verb `trigger`, not by the clock. */
  readonly manual: boolean;
  readonly final: boolean;
  readonly target: string;
  /** When the command was sent; null: it was not. */
  readonly firedAt: EpochMs | null;
  /** Where the command is said to be; null: in no stream. */
  readonly place: Place | null;
}

export interface Place {
  readonly stream: string;
  readonly sequence: number;
}

/** A target command, as a stream holds it. */
export interface Sent extends Place {
  readonly scheduleId: string;
  readonly executionId: string;
  readonly attempt: number;
  readonly nominalAt: EpochMs;
  readonly manual: boolean;
}

/** What happened to a schedule. */
export interface Change {
  readonly id: string;
  readonly what: string;
  readonly scheduleId: string;
  /** When the command was stored, or the scheduler decided. */
  readonly at: EpochMs;
  /** When its event was stored: it was decided before. */
  readonly toldAt: EpochMs;
  readonly version: number;
  /** Where the schedule stands from then on; null: it does not say. */
  readonly status: string | null;
  /** Null: it carries none. */
  readonly effective: EffectiveDefinition | null;
  readonly from: "now" | "catch_up" | null;
  /** Occurrences under a pause that are gone. */
  readonly skipped: { readonly firstAt: EpochMs; readonly lastAt: EpochMs } | null;
}

/** Of a stored event of an execution. */
export function readTold(body: Uint8Array): Told | null {
  const event = readEvent<ExecutionEventData>(body);
  if (event === null) return null;
  const { data, what, id } = event;
  const { executionId = null, nominalAt = "", firstNominalAt = nominalAt, lastNominalAt = nominalAt } = data;
  const [firstAt, lastAt] = [parseInstant(firstNominalAt), parseInstant(lastNominalAt)];
  if (firstAt === null || lastAt === null || typeof data.scheduleId !== "string") return null;
  const { stream, sequence } = data.delivered ?? {};
  return {
    id,
    what,
    scheduleId: data.scheduleId,
    version: data.version ?? null,
    executionId,
    attempt: data.attempt ?? null,
    firstAt,
    lastAt,
    count: data.count ?? 1,
    reason: data.reason ?? what,
    manual: data.cause === "trigger",
    // What was settled before, and reopened by hand, is not settled once more.
    final: data.final === true && data.reopened !== true,
    target: data.target ?? "",
    firedAt: parseInstant(data.firedAt ?? ""),
    place: stream === undefined || sequence === undefined ? null : { stream, sequence },
  };
}

/** Of an event of a schedule, stored at `toldAt`. */
export function readChange(body: Uint8Array, toldAt: EpochMs): Change | null {
  const event = readEvent<ScheduleEventData>(body);
  const at = parseInstant(event?.time ?? "");
  if (event === null || at === null) return null;
  const { data, what, id } = event;
  if (typeof data.scheduleId !== "string" || typeof data.version !== "number") return null;
  const { effective = null, skipped = null } = data;
  const [firstAt, lastAt] = [skipped?.firstNominalAt, skipped?.lastNominalAt].map((text) =>
    parseInstant(text ?? ""),
  );
  return {
    id,
    what,
    scheduleId: data.scheduleId,
    at,
    toldAt,
    version: data.version,
    status: data.status ?? null,
    effective: effective !== null && validate.effective(effective).length === 0 ? effective : null,
    from: data.from ?? null,
    skipped: firstAt == null || lastAt == null ? null : { firstAt, lastAt },
  };
}

/** Of a stored message, by its headers; null: no command of this tenant. */
export function readSent(tenant: string, header: (name: string) => string | null, place: Place): Sent | null {
  const nominalAt = parseInstant(header(FIRE_HEADERS.nominalAt) ?? "");
  const scheduleId = header(FIRE_HEADERS.scheduleId);
  const executionId = header(FIRE_HEADERS.executionId);
  if (header(FIRE_HEADERS.tenant) !== tenant || nominalAt === null) return null;
  if (scheduleId === null || executionId === null) return null;
  const attempt = Number(header(FIRE_HEADERS.attempt));
  const manual = header(FIRE_HEADERS.cause) === "trigger";
  return { ...place, scheduleId, executionId, attempt, nominalAt, manual };
}

interface Event<Data> {
  readonly id: string;
  readonly what: string;
  readonly time: string;
  readonly data: Partial<Data>;
}

const decoder = new TextDecoder();

function readEvent<Data>(body: Uint8Array): Event<Data> | null {
  const value = parse(body);
  if (value === null || typeof value.id !== "string" || typeof value.type !== "string") return null;
  if (typeof value.data !== "object" || value.data === null) return null;
  const what = value.type.split(".").at(-2) ?? "";
  return { id: value.id, what, time: String(value.time), data: value.data as Partial<Data> };
}

function parse(body: Uint8Array): Partial<CloudEvent> | null {
  try {
    const value: unknown = JSON.parse(decoder.decode(body));
    return typeof value === "object" ? value : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
