/**
 * `node services/demo/src/auditor/main.ts <nats url> <since, epoch ms>`
 *
 * A process of its own that keeps the books: *planned* from the definitions in the events, by its own calendar;
 * *fired* from the target stream; *explained* from the final events. It knows the subjects and nothing else of
 * the scheduler. It tells the ledger twice a second, and its verdict when asked to finish.
 */

import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { connect } from "@nats-io/transport-node";
import type { AuditorOrder, AuditorWord } from "./conversation.ts";
import { FactBook } from "./fact-book.ts";
import { lagOf, type Outage } from "./lag.ts";
import { audit, isBalanced, type Table } from "./ledger.ts";
import { readFacts } from "./reader.ts";

const LEDGER_EVERY_MS = 500;
/** While workers come and go, an occurrence that has not been seen for so long counts as lost. */
const PATIENCE_MS = 15_000;
/** At the end, what is still open so long after the last due instant is lost. */
const SETTLE_MS_MAX = 5_000;
const SETTLE_POLL_MS = 50;
/** Time for a second command or event of what fired last to turn up. */
const AFTERTHOUGHT_MS = 300;

const [url = "nats://127.0.0.1:4222", since = "0"] = process.argv.slice(2);
const nc = await connect({ servers: url, name: "demo-auditor" });
const book = new FactBook();
const outages: Outage[] = [];

// Without the demo at the other end there is nobody to tell.
createInterface({ input: process.stdin })
  .on("line", (line) => void take(JSON.parse(line) as AuditorOrder))
  .on("close", () => process.exit());
const telling = setInterval(
  () => tell({ kind: "ledger", total: judge(Date.now(), PATIENCE_MS).total }),
  LEDGER_EVERY_MS,
);
await readFacts(nc, book, Number(since));
tell({ kind: "reading" });

async function take(order: AuditorOrder): Promise<void> {
  if (order.kind === "outage") outages.push(order);
  else await finish(order.untilAt);
}

async function finish(untilAt: number): Promise<void> {
  clearInterval(telling);
  const deadline = Date.now() + SETTLE_MS_MAX;
  while (!isBalanced(judge(untilAt, SETTLE_MS_MAX)) && Date.now() < deadline) await delay(SETTLE_POLL_MS);
  await delay(AFTERTHOUGHT_MS);
  const table = judge(untilAt, 0);
  tell({ kind: "ledger", total: table.total });
  const lag = lagOf(book.stories(), outages);
  tell({ kind: "verdict", table, lag, balanced: isBalanced(table) }, () => process.exit());
}

function judge(untilAt: number, patienceMs: number): Table {
  return audit(book.stories(), { untilAt, now: Date.now(), patienceMs });
}

function tell(word: AuditorWord, then?: () => void): void {
  process.stdout.write(`${JSON.stringify(word)}\n`, then);
}
