/**
 * The verb `list`: a page of a tenant's schedules, out of what the owners of all partitions say. A worker that owns everything answers
 * from its own memory; any other asks its peers, and says where some of them kept silent.
 */

import {
  isPageAnswer,
  type ListBody,
  type ListReply,
  type PageAnswer,
  type PageEntry,
  type PageQuestion,
  parseJson,
  type ScheduleSummary,
  type ScheduleView,
  type Warning,
} from "@carillon/contracts";
import { cursorAfter, readCursor } from "../domain/cursor.ts";
import { ownersOf } from "../domain/ownership.ts";
import { LIMIT_DEFAULT, mergePages } from "../domain/page.ts";
import { reject, rejectAt } from "../domain/rejection.ts";
import { selectorOf } from "../domain/selector.ts";
import type { Holdings } from "./holdings.ts";
import { within } from "./pause.ts";
import type { Clock, Peers, RpcAnswer } from "./ports.ts";
import { failed, succeeded } from "./rpc-answer.ts";

/** Every rpc is answered within two seconds; this is what owners may take of them. */
export const OWNERS_WAIT_MS = 1_500;

/** After this the question is asked again, so that a planned handover goes unnoticed. */
const ROUND_MS = 500;

/** Nobody owns anything: a takeover may be under way. */
const UNOWNED_RETRY_MS = 1_000;

export interface ListDeps {
  clock: Clock;
  peers: Peers;
  holdings: Holdings;
  partitions: number;
}

/** `body` fits its schema. */
export async function answerList(deps: ListDeps, tenant: string, body: ListBody): Promise<RpcAnswer> {
  const selector = selectorOf(body);
  if (!selector.ok) return failed(selector.error);
  const { cursor = null, limit = LIMIT_DEFAULT } = body;
  if (cursor !== null && readCursor(cursor) === null) {
    const message = "cursor: not one of ours; expected the cursor of a page, as it was given";
    return failed(rejectAt("invalid_body", "/cursor", message).error);
  }
  const { partitions, peers } = deps;
  const answers = await gather(deps, tenant, body);
  const messageBytesMax = peers.messageBytesMax();
  const { entries, next, covered } = mergePages(answers, { tenant, partitions, limit, messageBytesMax });
  if (covered === 0) {
    const { error } = reject("partition_unavailable", "no worker that owns schedules has answered in time");
    return failed({ ...error, retryAfterMs: UNOWNED_RETRY_MS });
  }
  const reply: ListReply = {
    ok: true,
    items: entries.flatMap(({ item }): (ScheduleSummary | ScheduleView)[] => (item === null ? [] : [item])),
    cursor: next === null ? null : cursorAfter(next),
    complete: covered === partitions,
    warnings: entries.flatMap(warningOf),
  };
  return succeeded(reply);
}

/** What is owned here, and, unless that is everything, what the others own. */
async function gather(
  { clock, peers, holdings, partitions }: ListDeps,
  tenant: string,
  body: ListBody,
): Promise<readonly PageAnswer[]> {
  const untilMs = clock.monotonicMs() + OWNERS_WAIT_MS;
  const answers: PageAnswer[] = [];
  const enough = (answer: PageAnswer | null): boolean => {
    if (answer !== null) answers.push(answer);
    return ownersOf(answers, partitions).size === partitions;
  };
  const question: PageQuestion = { v: 1, kind: "page", tenant, body };
  for (let leftMs = OWNERS_WAIT_MS; leftMs > 0; leftMs = untilMs - clock.monotonicMs()) {
    if (enough(await holdings.page(tenant, body, untilMs))) break;
    // Asked again, each goes on listening: an owner may need longer than a round.
    const asked = peers.ask(JSON.stringify(question), leftMs, (answer) => enough(readPage(answer)));
    await within(clock, ROUND_MS, asked);
    if (enough(null)) break;
  }
  return answers;
}

/** Null: not an answer that this version understands. */
function readPage(text: string): PageAnswer | null {
  const parsed = parseJson(text);
  return parsed.ok && isPageAnswer(parsed.value) ? parsed.value : null;
}

function warningOf({ scheduleId, omitted }: PageEntry): Warning[] {
  if (omitted === undefined) return [];
  const why =
    omitted === "too_long" ? "it is longer than a message; ask for it in brief" : "its record cannot be read";
  return [{ code: omitted, path: "", message: `schedule "${scheduleId}" is left out: ${why}` }];
}
