/**
 * The verb `verify`: the account of a part of time, from the streams alone, so that any worker can give it. An answer takes two seconds at
 * most; what is more than that comes in parts, each with the cursor of the next. Nothing is judged that is younger than `SETTLE_MS`:
 * it may be on its way between two streams.
 */

import {
  type Account,
  accountInWords,
  type ErrorBody,
  type VerifyBody,
  type VerifyReply,
} from "@carillon/contracts";
import { type EpochMs, formatInstant, parseInstant } from "../domain/instant.ts";
import { cursorOf, followerOf, type Place, placeOf } from "../domain/ledger/place.ts";
import { accept, type Checked, reject, rejectAt } from "../domain/rejection.ts";
import { within } from "./pause.ts";
import { Abandoned, Refused, type RpcAnswer } from "./ports.ts";
import { failed, succeeded } from "./rpc-answer.ts";
import { type PartDeps, verifyPart } from "./verify-part.ts";

export type VerifyDeps = PartDeps;

/** Younger occurrences are not judged. */
export const SETTLE_MS = 5_000;

/** An end that is ahead by less is taken for now: the caller's clock may go before ours. */
const AHEAD_MS_MAX = 60_000;

/** Every rpc is answered within two seconds; a part aims at less. */
const ANSWER_MS_MAX = 1_850;

/** Parts that one worker works on at a time: they read much. */
const AT_ONCE_MAX = 2;
const BUSY_RETRY_MS = 500;

export class Verifier {
  readonly #deps: VerifyDeps;
  #busy = 0;

  constructor(deps: VerifyDeps) {
    this.#deps = deps;
  }

  /** `body` fits its schema; `scheduleId` null: the whole tenant. */
  async answer(tenant: string, scheduleId: string | null, body: VerifyBody): Promise<RpcAnswer> {
    if (this.#busy >= AT_ONCE_MAX) return failed(later("rate_limited", "others are verifying here already"));
    const { clock } = this.#deps;
    const endMs = clock.monotonicMs() + ANSWER_MS_MAX;
    this.#busy++;
    const work = this.#work(tenant, scheduleId, body).finally(() => this.#busy--);
    if (!(await within(clock, endMs - clock.monotonicMs(), work))) return failed(SILENT);
    try {
      const reply = await work;
      return reply.ok ? succeeded(reply.value) : failed(reply.error);
    } catch (error) {
      if (error instanceof Abandoned) return failed(SILENT);
      if (error instanceof Refused) return failed(later("partition_unavailable", error.message));
      throw error;
    }
  }

  async #work(tenant: string, scheduleId: string | null, body: VerifyBody): Promise<Checked<VerifyReply>> {
    const { store } = this.#deps;
    const beganMs = this.#deps.clock.monotonicMs();
    const placed = placeIn(body, await store.serverNow());
    if (!placed.ok) return placed;
    const { place, since } = placed.value;
    const part = await verifyPart(this.#deps, { tenant, scheduleId, place, beganMs });
    if (part === null) {
      return reject("not_found", `nothing is stored about a schedule "${scheduleId}" of tenant "${tenant}"`);
    }
    const next = followerOf(place, since, part);
    return accept(replyOf(part.account, { from: place.from, until: part.reachedAt, next }));
  }
}

function replyOf(
  account: Account,
  { from, until, next }: { from: EpochMs; until: EpochMs; next: Place | null },
): VerifyReply {
  return {
    ok: true,
    since: formatInstant(from),
    until: formatInstant(until),
    complete: next === null,
    cursor: next === null ? null : cursorOf(next),
    ...account,
    summary: accountInWords(account),
  };
}

/** Where the part begins, and where the whole does. */
function placeIn(body: VerifyBody, now: EpochMs): Checked<{ place: Place; since: EpochMs }> {
  const since = parseInstant(body.since);
  if (since === null) return misplaced("/since", "since: expected an RFC 3339 instant");
  const until = body.until === undefined ? now : parseInstant(body.until);
  if (until === null) return misplaced("/until", "until: expected an RFC 3339 instant");
  if (since > now)
    return misplaced("/since", `since: ${body.since} is ahead; expected an instant that has passed`);
  if (until > now + AHEAD_MS_MAX) {
    return misplaced("/until", `until: ${body.until} is ahead; expected an instant that has passed`);
  }
  if (since >= until) return misplaced("/until", `until: ${body.until}; expected later than since`);
  const { cursor = null } = body;
  if (cursor !== null) {
    const place = placeOf(cursor);
    if (place !== null && place.from >= since && place.until <= now) return accept({ place, since });
    return misplaced(
      "/cursor",
      "cursor: not one of ours; expected the cursor of an answer, as it was given, with its since",
    );
  }
  const judged = Math.max(since, Math.min(until, now - SETTLE_MS));
  return accept({ place: { until: judged, from: since, after: null, through: null, begun: [] }, since });
}

const misplaced = (path: string, message: string) => rejectAt("invalid_body", path, message);

const later = (code: "rate_limited" | "partition_unavailable", message: string): ErrorBody => ({
  ...reject(code, message).error,
  retryAfterMs: BUSY_RETRY_MS,
});

const SILENT = later("partition_unavailable", "NATS did not tell the history in time");
