/*
 * The ledger check of a tenant that is busy with more schedules than one answer is about: all answers together account for every
 * occurrence, as books do that are kept beside it.
 */

import { setTimeout as delay } from "node:timers/promises";
import { expect, it } from "vitest";
import { createFleet, inWords, isEven, openBooks } from "../support/books.ts";
import { ahead, instant } from "../support/definition.ts";
import { openRunning } from "../support/stack.ts";
import { ask } from "../support/wire.ts";

/** One answer is about at most 500. */
const SIZE = 600;
const EVERY_MS = 500;
const OCCURRENCES = 2_000;
/** All are made before the first one fires. */
const STARTS_IN_S = 10;
/** So old is what is judged, and a little more. */
const SETTLED_MS = 5_500;

it("a busy tenant is verified whole, in more than one answer", { timeout: 180_000 }, async ({
  onTestFinished,
}) => {
  const { stack, client } = await openRunning();
  onTestFinished(() => stack.close());
  const since = instant(Date.now() - 1_000);
  const more = { startAt: instant(ahead(STARTS_IN_S)) };
  const fleet = await createFleet(client, { name: "busy", size: SIZE, everyMs: EVERY_MS, more });
  const books = await openBooks(stack.nc, fleet);
  await books.more(OCCURRENCES);
  const balance = await books.close(client);
  expect(isEven(balance), inWords(balance)).toBe(true);
  await delay(SETTLED_MS);
  const { reply } = await ask(stack.nc, { subject: "rpc.scheduler.default.verify", body: { since } });
  expect(reply).toMatchObject({ ok: true, complete: false });
  const { planned } = balance;
  expect(planned).toBeGreaterThanOrEqual(OCCURRENCES);
  expect(await client.verify({ since })).toMatchObject({
    planned,
    fired: planned,
    open: 0,
    unexplained: { count: 0 },
    partial: [],
  });
});
