/*
 * Two versions side by side, as in a rolling upgrade: what a later one adds to stored records is kept by the one that does not know it,
 * whoever owns the schedule, and nothing is lost or doubled while they take turns.
 */

import { names, type StateRecord } from "@carillon/contracts";
import { jetstreamManager } from "@nats-io/jetstream";
import { expect, it } from "vitest";
import { createFleet, inWords, isEven, openBooks } from "../../support/books.ts";
import { say } from "../../support/measure.ts";
import { PARTITIONS, partitionOfId, shared } from "../../support/sharing.ts";
import { openStack, type Stack } from "../../support/stack.ts";
import { store } from "../../support/wire.ts";

const { keys, buckets } = names();
const SIZE = 60;
const EVERY_MS = 500;
/** What a later version might add. */
const ADDED = { later: { kept: [1, "two"] } };

const keyOf = (scheduleId: string): string =>
  keys.schedule.build({ partition: partitionOfId(scheduleId), tenant: "default", scheduleId });

async function stateOf(
  stack: Stack,
  scheduleId: string,
): Promise<{ record: StateRecord & Partial<typeof ADDED>; revision: number }> {
  const manager = await jetstreamManager(stack.nc);
  const subject = keys.subject(buckets.state, keyOf(scheduleId));
  const stored = await manager.streams.getMessage(keys.stream(buckets.state), { last_by_subj: subject });
  if (stored === null) throw new Error(`no state of ${scheduleId}`);
  return { record: stored.json(), revision: stored.seq };
}

/** Adds the field, as a write of the later version would, whatever is written meanwhile. */
async function add(stack: Stack, scheduleId: string): Promise<void> {
  for (;;) {
    const { record, revision } = await stateOf(stack, scheduleId);
    const subject = keys.subject(buckets.state, keyOf(scheduleId));
    const headers = { "Nats-Expected-Last-Subject-Sequence": String(revision) };
    const stored = await store(stack.nc, { subject, body: { ...record, ...ADDED }, headers }).catch(
      () => null,
    );
    if (stored !== null) return;
  }
}

it("keep what they do not know of each other's records", { timeout: 90_000 }, async ({ onTestFinished }) => {
  const stack = await openStack();
  onTestFinished(() => stack.close());
  const [older, later] = [stack.worker(), stack.worker({ SERVICE_VERSION: "99.0.0" })];
  await shared([older, later]);
  const fleet = await createFleet(stack.client(), { name: "steady", size: SIZE, everyMs: EVERY_MS });
  const ids = [...fleet.anchors.keys()];
  const books = await openBooks(stack.nc, fleet);
  await books.more(2 * SIZE);
  for (const id of ids) await add(stack, id);
  const before = new Map<string, number>();
  for (const id of ids) before.set(id, (await stateOf(stack, id)).revision);

  /** All have been written since, and still have it. */
  const expectKept = async (): Promise<void> => {
    await books.more(3 * SIZE);
    for (const id of ids) {
      const { record, revision } = await stateOf(stack, id);
      expect([id, record.later, revision > (before.get(id) ?? 0)]).toEqual([id, ADDED.later, true]);
      before.set(id, revision);
    }
  };
  await expectKept();
  await later.end();
  await shared([older]);
  await expectKept();
  const back = stack.worker({ SERVICE_VERSION: "99.0.0" });
  const owned = await shared([older, back]);
  await expectKept();
  await older.end();
  await shared([back]);
  await expectKept();
  const balance = await books.close(stack.client());
  say(
    `two versions, ${owned.join(" + ")} of ${PARTITIONS} partitions, and by turns all: ${inWords(balance)}`,
  );
  expect(isEven(balance)).toBe(true);
  for (const { log } of [older, later, back])
    expect(log.items.filter(({ level }) => level === "error")).toEqual([]);
});
