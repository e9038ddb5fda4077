/*
 * What the verb `verify` says of simulated runs, beside the laws: nothing that the scheduler does under faults is unexplained, as long as
 * its clocks are right. (A worker whose clock is an hour ahead does fire what no definition in force names, and is told on.)
 */

import {
  type Account,
  addAccounts,
  EMPTY_ACCOUNT,
  type ErrorReply,
  names,
  type VerifyReply,
} from "@carillon/contracts";
import { describe, expect, it } from "vitest";
import { FILE } from "./host.ts";
import { randomOf } from "./random.ts";
import { scenarioOf } from "./scenario.ts";
import { type Closing, run } from "./world.ts";

const NAMES = names();
const SEEDS = 20;
const PART = 5;
/** An answer takes two seconds at most. */
const ANSWER_MS = 2_000;
const STEP_MS = 10;

/** The account of a whole run, part by part; null: its clocks were set wrong. */
async function accountOf(seed: number, tamper: (world: Parameters<Closing>[0]) => void = () => {}) {
  if (scenarioOf(seed, randomOf(seed)).faults.clock > 0) return null;
  let account: Account | null = null;
  const closing: Closing = async (world) => {
    tamper(world);
    account = EMPTY_ACCOUNT;
    for (const tenant of Object.keys(FILE.tenants))
      account = addAccounts(account, await wholeOf(world, tenant));
  };
  await run(seed, { closing });
  return account as Account | null;
}

async function wholeOf(world: Parameters<Closing>[0], tenant: string): Promise<Account> {
  const since = new Date(world.history.epochAt).toISOString();
  let account = EMPTY_ACCOUNT;
  let cursor: string | null = null;
  do {
    const reply: VerifyReply | ErrorReply = await ask(world, tenant, { since, cursor });
    if (!reply.ok) throw new Error(reply.error.message);
    account = addAccounts(account, reply);
    cursor = reply.cursor;
  } while (cursor !== null);
  return account;
}

async function ask(
  { scheduler, time }: Parameters<Closing>[0],
  tenant: string,
  body: object,
): Promise<VerifyReply | ErrorReply> {
  const answer = scheduler.rpc({
    subject: NAMES.rpcTenant.build({ tenant, verb: "verify" }),
    data: new TextEncoder().encode(JSON.stringify(body)),
    header: () => null,
    reply: "_INBOX.caller",
  });
  const endMs = time.nowMs + ANSWER_MS;
  let over = false;
  void answer.finally(() => {
    over = true;
  });
  while (!over && time.nowMs < endMs) await time.runUntil(time.nowMs + STEP_MS);
  if (!over) throw new Error(`no answer within ${ANSWER_MS} ms`);
  return JSON.parse((await answer)?.data ?? "null");
}

const placed = ({ fired, failed, missed, skipped, paused, open }: Account): number =>
  [...Object.values(missed), ...Object.values(skipped)].reduce((all, count) => all + count, 0) +
  (fired + failed + paused + open);

describe("verify", () => {
  const parts = Array.from({ length: SEEDS / PART }, (_, part) => 1 + part * PART);
  it.each(parts)(`finds nothing in ${PART} runs from seed %d on`, { timeout: 120_000 }, async (first) => {
    for (let seed = first; seed < first + PART; seed++) {
      const account = await accountOf(seed);
      if (account === null) continue;
      expect([seed, account.unexplained.items]).toEqual([seed, []]);
      expect([seed, placed(account)]).toEqual([seed, account.planned]);
    }
  });

  it.each([1, 5])("finds the event that was taken from the middle of run %d", async (seed) => {
    let taken = "";
    const account = await accountOf(seed, ({ server, history }) => {
      const finals = history.executions.filter(({ subject }) => subject.includes(".dispatched."));
      const one = finals[Math.floor(finals.length / 2)];
      taken = JSON.parse(String(one?.data)).data.executionId;
      server.stream(NAMES.streams.executions)?.remove(one?.sequence ?? 0);
    });
    expect(account?.unexplained.items.map(({ what, executionId }) => [what, executionId])).toEqual([
      ["no_event", taken],
    ]);
  });
});
