/*
 * A command that ends every worker that reads it. Its schedule's partition has taken another command before, so the worker
 * that meets it first does not suspect it; the next two note it and are ended too; the fourth refuses it, and lives.
 */

import { expect, it } from "vitest";
import { createFleet, inWords, isEven, openBooks } from "../../support/books.ts";
import { CRASH_MARKER, CRASHING } from "../../support/crash-marker.ts";
import { manual } from "../../support/definition.ts";
import { say } from "../../support/measure.ts";
import { shared } from "../../support/sharing.ts";
import { openStack } from "../../support/stack.ts";
import { whatOf, witnessOf } from "../../support/witness.ts";
import type { Exit } from "../../support/worker-process.ts";

const LEASE_MS = 2_000;
/** One that does not suspect it, and two that note it first. */
const DEATHS = Array(3).fill({ code: null, stderr: "" });
/** Each death costs a lease, a second of grace, and a start. */
const REFUSED_MS_MAX = 40_000;

it("is refused after the second try, and harms no other schedule", { timeout: 120_000 }, async ({
  onTestFinished,
}) => {
  const stack = await openStack({
    settings: { LOCK_TIMEOUT_SECONDS: String(LEASE_MS / 1_000), ...CRASHING },
  });
  onTestFinished(() => stack.close());
  const client = stack.client();
  const deaths: Pick<Exit, "code" | "stderr">[] = [];
  let hiring = true;
  const hire = () => {
    const worker = stack.worker();
    void worker.exited.then(({ code, stderr }) => {
      if (!hiring) return;
      deaths.push({ code, stderr });
      hire();
    });
    return worker;
  };
  onTestFinished(() => {
    hiring = false;
  });
  await shared([hire(), hire()]);
  const witness = await witnessOf(stack.nc);
  const fleet = await createFleet(client, { name: "other", size: 40, everyMs: 400 });
  const books = await openBooks(stack.nc, fleet);
  await books.more(80);

  // Handled when this is answered, so that the poison is not the first command of its term.
  await client.create("victim", manual());
  const outcome = stack.nc.subscribe("_INBOX.poison", { max: 1 });
  const poison = { commandId: "default.poison", replyTo: "_INBOX.poison" };
  await client.durable.update("victim", { description: CRASH_MARKER }, poison);
  await client.durable.update("victim", { description: "harmless" }, { commandId: "default.after" });
  const { data } = await witness.rejected("default.poison", REFUSED_MS_MAX);
  expect(data.error.code).toBe("internal_error");
  for await (const message of outcome) {
    expect(message.json()).toMatchObject({ ok: false, error: { code: "internal_error" } });
  }
  const updated = await witness.recorded("victim", "updated");
  expect(updated.data).toMatchObject({ commandId: "default.after", version: 2 });
  expect(deaths).toEqual(DEATHS);

  await books.more(80);
  const balance = await books.close(client);
  say(`${deaths.length} workers ended by one command; the others' schedules: ${inWords(balance)}`);
  expect(isEven(balance)).toBe(true);
  expect(deaths).toEqual(DEATHS);
  expect(await client.get("victim")).toMatchObject({ version: 2, definition: { description: "harmless" } });
  await witness.caughtUp();
  expect(witness.record("victim").map(whatOf)).toEqual(["created", "updated"]);
});
