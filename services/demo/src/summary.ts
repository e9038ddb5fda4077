/** What is said at the end: the auditor's table, whether it balances, how late things were, and what to try next. */

import type { Row, Table } from "./auditor/ledger.ts";
import type { Verdict } from "./auditor-process.ts";
import { ledgerWords } from "./screen/frame.ts";
import { fill, fillLeft } from "./screen/layout.ts";
import type { Paint } from "./screen/paint.ts";
import { duration } from "./wording.ts";

const COLUMNS = ["planned", "fired", "explained", "lost", "doubled", "unplanned"] as const;
const ID_WIDTH = 16;
const NUMBER_WIDTH = 10;

/** The table and its verdict; a line each. */
export function verdictLines({ table, lag, balanced }: Verdict, paint: Paint): string[] {
  const heads = COLUMNS.map((name) => fillLeft(name, NUMBER_WIDTH)).join("");
  return [
    "",
    paint.strong("The auditor's table: its own calendar against the target stream"),
    paint.dim(fill("schedule", ID_WIDTH) + heads),
    ...table.rows.map(rowLine),
    paint.strong(rowLine(table.total)),
    ...troubleLines(table).map(paint.bad),
    balanced ? paint.good(`It balances: ${ledgerWords(table.total)}.`) : paint.bad("It does not balance."),
    `Lag from Scheduler-Due-At to the stream's store time: p50 ${duration(lag.p50Ms)}, p99 ${duration(lag.p99Ms)}, of ${lag.count} fires`,
    paint.dim(`(not counted: ${lag.heldCount} that fell due under a pause or while no worker was there).`),
  ];
}

const rowLine = (row: Row): string =>
  fill(row.scheduleId, ID_WIDTH) + COLUMNS.map((name) => fillLeft(String(row[name]), NUMBER_WIDTH)).join("");

const troubleLines = ({ faults, unjudged }: Table): string[] => [
  ...faults,
  ...unjudged.map((scheduleId) => `${scheduleId}: a trigger that the auditor's calendar does not know`),
];

/** Where the `nats` command goes when it is told nothing. */
const USUAL_URL = "nats://127.0.0.1:4222";

const FIRST_SCHEDULE = JSON.stringify({
  trigger: { type: "interval", everySeconds: 5 },
  target: { subject: "cmd.notification.send.hello" },
  payload: { to: "world" },
});

/** Three commands to paste; `url` null: nothing runs any more. */
export function commandLines(url: string | null, paint: Paint): string[] {
  const nats = url === null || url === USUAL_URL ? "nats" : `nats -s ${url}`;
  const where =
    url === null
      ? "Try it yourself: `npm run demo -- --keep` leaves everything running, and then"
      : `Everything keeps running on ${url}. Try it yourself:`;
  return [
    "",
    `${where} ${paint.dim("(nats: github.com/nats-io/natscli)")}`,
    `  ${nats} req rpc.scheduler.default.create.first '${FIRST_SCHEDULE}'`,
    `  ${nats} sub 'evt.scheduler.default.*.*.first'`,
    `  ${nats} req rpc.scheduler.default.get.first ''`,
  ];
}
