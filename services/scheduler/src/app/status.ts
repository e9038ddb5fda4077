/**
 * The verb `status`: how the installation does, as far as its workers answer within half a second; those that live, by their heartbeats,
 * are waited for. Of schedules, whosever they are, it tells nothing but totals.
 */

import {
  isStandingAnswer,
  parseJson,
  type StandingAnswer,
  type StandingQuestion,
  type StatusReply,
} from "@carillon/contracts";
import { formatInstant } from "../domain/instant.ts";
import { ownersOf } from "../domain/ownership.ts";
import { earliest } from "../domain/schedule.ts";
import type { Holdings } from "./holdings.ts";
import { within } from "./pause.ts";
import type { Clock, Inbox, Leases, Peers, RpcAnswer } from "./ports.ts";
import type { Roster } from "./roster.ts";
import { succeeded } from "./rpc-answer.ts";

/** What workers, and the server, may take for their answers. */
export const STANDING_WAIT_MS = 500;

export interface StatusDeps {
  clock: Clock;
  peers: Peers;
  holdings: Holdings;
  inbox: Inbox;
  roster: Pick<Roster, "size" | "differences">;
  leases: Leases;
  leaseTtlMs: number;
  partitions: number;
  natsServer(): string;
}

export async function answerStatus(deps: StatusDeps): Promise<RpcAnswer> {
  const question: StandingQuestion = { v: 1, kind: "standing" };
  const answers: StandingAnswer[] = [deps.holdings.standing()];
  let pending: number | null = null;
  const counting = deps.inbox.pending().then((count) => {
    pending = count;
  });
  const others = deps.roster.size;
  const asking = deps.peers.ask(JSON.stringify(question), STANDING_WAIT_MS, (text) => {
    const parsed = parseJson(text);
    if (parsed.ok && isStandingAnswer(parsed.value)) answers.push(parsed.value);
    return answers.length > others;
  });
  await Promise.all([within(deps.clock, STANDING_WAIT_MS, counting), others > 0 ? asking : null]);
  return succeeded(statusOf(deps, answers, pending));
}

function statusOf(deps: StatusDeps, answers: readonly StandingAnswer[], pending: number | null): StatusReply {
  const owners = [...ownersOf(answers, deps.partitions)]
    .map(([partition, { answer, term }]) => ({ partition, worker: answer.worker.name, term }))
    .sort((one, two) => one.partition - two.partition);
  const nextDueAt = answers.reduce<number | null>((at, answer) => earliest(at, answer.nextDueAt), null);
  const sum = (count: (answer: StandingAnswer) => number): number =>
    answers.reduce((total, answer) => total + count(answer), 0);
  return {
    ok: true,
    differences: deps.roster.differences(),
    workers: answers.map(({ worker }) => worker).sort((one, two) => (one.name < two.name ? -1 : 1)),
    partitions: { total: deps.partitions, owned: owners.length, owners },
    schedules: sum(({ schedules }) => schedules),
    backlog: sum(({ backlog }) => backlog),
    oldestOverdueMs: nextDueAt === null ? 0 : Math.max(0, deps.clock.now() - nextDueAt),
    nextDueAt: nextDueAt === null ? null : formatInstant(nextDueAt),
    inbox: { pending },
    leases: { backend: deps.leases.backend, ttlMs: deps.leaseTtlMs },
    natsServer: deps.natsServer(),
  };
}
