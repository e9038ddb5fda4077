/** What this worker says to its peers. A question that it does not understand, or has nothing to say to, gets no answer. */

import { type PeerQuestion, parseJson, validate } from "@carillon/contracts";
import type { Holdings } from "./holdings.ts";
import { OWNERS_WAIT_MS } from "./list.ts";
import type { Clock } from "./ports.ts";
import { bugOf, type Tell } from "./signals.ts";

export interface PeerAnswersDeps {
  clock: Clock;
  holdings: Holdings;
  tell: Tell;
}

export const answerPeers =
  (deps: PeerAnswersDeps) =>
  (question: string): Promise<string | null> =>
    answer(deps, question).catch((error: unknown) => {
      deps.tell(bugOf(error));
      return null;
    });

async function answer({ clock, holdings }: PeerAnswersDeps, question: string): Promise<string | null> {
  const parsed = parseJson(question);
  if (!parsed.ok || validate.peerQuestion(parsed.value).length > 0) return null;
  const asked = parsed.value as PeerQuestion;
  if (asked.kind === "standing") return JSON.stringify(holdings.standing());
  const page = await holdings.page(asked.tenant, asked.body, clock.monotonicMs() + OWNERS_WAIT_MS);
  return page === null ? null : JSON.stringify(page);
}
