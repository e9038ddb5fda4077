/*
 * Ids of executions, messages and events. Each is a pure function of its cause, so that whatever is
 * published twice is stored once. Tenants and scheduleIds hold no dot and no `@`, which keeps ids of
 * different causes apart. They are joined, so as to be in one piece (`whole-text.ts`).
 */
import { compactInstant } from "../instant-text.ts";
import { isCommandId } from "./grammar.ts";

/** `<scheduleId>@20261121T090000000Z`: the execution of the clock's occurrence at `nominalAt` (epoch ms). */
export const executionIdAt = (scheduleId: string, nominalAt: number): string =>
  [scheduleId, compactInstant(nominalAt)].join("@");

/** `<scheduleId>@m-<16 hex>`: the execution of a `trigger`; `hash` is SHA-256 of the command id in hex. */
export const executionIdOfCommand = (scheduleId: string, hash: string): string =>
  [scheduleId, hash.slice(0, MANUAL_HASH_CHARACTERS)].join("@m-");

const MANUAL_HASH_CHARACTERS = 16;

/** Nats-Msg-Id of a target's command. A deliberate retry has its own attempt, an unknown outcome keeps its number. */
export const messageId = (tenant: string, executionId: string, attempt: number): string =>
  [tenant, executionId, attempt].join(".");

/** Id of a command that brought none, from where the inbox stored it; `#` keeps it apart from ids that callers choose. */
export const commandIdAt = (tenant: string, sequence: number, storedAt: number): string =>
  [tenant, ".#", sequence, "@", compactInstant(storedAt)].join("");

/** `<tenant>.<random>`: an id for a command, of the caller's own random text. */
export const commandIdOf = (tenant: string, random: string): string => {
  const id = `${tenant}.${random}`;
  if (!isCommandId(tenant, id))
    throw new RangeError(`command id ${id.slice(0, 60)}: expected [A-Za-z0-9_.:@~-]`);
  return id;
};

/** Id of an event about one attempt of an execution: that of its message, and what happened. */
export const executionEventId = (
  what: string,
  tenant: string,
  executionId: string,
  attempt: number,
): string => [messageId(tenant, executionId, attempt), what].join(".");

/** Id of an event about neighbours that did not fire for one reason; both ends (epoch ms) inclusive. */
export const rangeEventId = (
  what: string,
  range: {
    readonly tenant: string;
    readonly scheduleId: string;
    readonly reason: string;
    readonly firstNominalAt: number;
    readonly lastNominalAt: number;
  },
): string =>
  [
    range.tenant,
    `${executionIdAt(range.scheduleId, range.firstNominalAt)}-${compactInstant(range.lastNominalAt)}`,
    what,
    range.reason,
  ].join(".");

/** Id of an event that a command caused, or the scheduler itself (then `commandId` is the instant); `scheduleId` is `_` where there is none. */
export const commandEventId = (what: string, tenant: string, scheduleId: string, commandId: string): string =>
  [tenant, scheduleId, what, commandId].join(".");

/** Id of the event that a stored record was set aside; `bucket` and `revision` say which. */
export const setAsideEventId = (of: {
  readonly tenant: string;
  readonly scheduleId: string;
  readonly bucket: string;
  readonly revision: number;
}): string => [of.tenant, of.scheduleId, "set_aside", of.bucket, of.revision].join(".");
