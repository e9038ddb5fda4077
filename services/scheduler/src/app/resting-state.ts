/**
 * What a takeover asks of a stored state that owes nothing, read without making an object of all of it: it has up to a million of them
 * before it, and this takes a sixth of the time. It knows one form, that in which Carillon writes such a state; whatever else stands there
 * is read as any record. So what is not looked at here, the command memory above all, is checked when the schedule is read again.
 */

import type { StateRecord } from "@carillon/contracts";
import type { Waking } from "../domain/schedule.ts";

/** Enough to hold a schedule cold. */
export type RestingState = Waking & Pick<StateRecord, "revision" | "outline">;

const COUNT = String.raw`\d{1,16}`;
const OPTIONAL = `(?:null|${COUNT})`;
/** Without what would have to be unescaped or decoded. */
const PLAIN = String.raw`[ !#-\[\]-~]*`;
const TEXT = String.raw`"(?:[^"\\]|\\.)*"`;

const STATS = ["fired", "manual", "missed", "skipped", "failed"]
  .map((name) => `"${name}":${COUNT},`)
  .join("");
const OUTLINE = `"revision":(${COUNT}),"type":"(${PLAIN})","createdBy":"(${PLAIN})","keepSeconds":(${COUNT})`;

const RESTING = new RegExp(
  [
    `^\\{"v":1,"term":${COUNT},"write":${COUNT},"revision":(${COUNT}),"version":${COUNT}`,
    `"status":"(active|paused|completed|disabled|deleted)","reason":(?:null|${TEXT}),"sinceAt":(${COUNT})`,
    `"nominalAt":${OPTIONAL},"dueAt":(${OPTIONAL}),"grantedUntil":${OPTIONAL},"gap":null`,
    `"lastNominalAt":${OPTIONAL},"settledUntil":${OPTIONAL},"lastFiredAt":${OPTIONAL}`,
    `"claimed":${COUNT},"failures":${COUNT},"stats":\\{${STATS}"lastLagMs":${OPTIONAL}\\}`,
    `"owed":\\[\\],"retries":\\[\\],"memory":\\{[^]*\\},"outline":\\{${OUTLINE}\\}\\}$`,
  ].join(","),
);

const NOTHING: readonly never[] = [];

/** Null: it is to be read as any record. */
export function restingState(value: Uint8Array): RestingState | null {
  const found = RESTING.exec(latin1(value));
  if (found === null) return null;
  const [, revision, status, sinceAt, dueAt, outlined, type = "", createdBy = "", keepSeconds] = found;
  return {
    revision: Number(revision),
    status: status as StateRecord["status"],
    sinceAt: Number(sinceAt),
    dueAt: dueAt === "null" ? null : Number(dueAt),
    owed: NOTHING,
    retries: NOTHING,
    outline: { revision: Number(outlined), type, createdBy, keepSeconds: Number(keepSeconds) },
  };
}

/** One character a byte, which is faster; what is taken from it is ASCII. */
const latin1 = (value: Uint8Array): string => {
  const bytes = Buffer.isBuffer(value) ? value : Buffer.from(value.buffer, value.byteOffset, value.length);
  return bytes.toString("latin1");
};
