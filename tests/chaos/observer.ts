/** Reads the streams of a run while it lasts, each message once, and passes it to whoever counts it. */

import { type ExecutionEventData, names } from "@carillon/contracts";
import type { Random } from "../sim/random.ts";
import { type LastingTail, type TailedMessage, tailLasting } from "../support/lasting-tail.ts";
import type { Stack } from "../support/stack.ts";
import { numberOf, type Schedule } from "./fleet.ts";
import { Gaps } from "./gaps.ts";
import { Ledger } from "./ledger.ts";
import { Orders } from "./orders.ts";
import { Owners } from "./owners.ts";

/** What is stored later after it was due is not on time; the machine is shared with everything under test. */
const LATE_MS = 750;

export class Observer {
  readonly ledger: Ledger;
  readonly gaps: Gaps;
  readonly orders: Orders;
  readonly owners: Owners;
  readonly #tails: readonly LastingTail[];

  constructor(stack: Stack, fleet: readonly Schedule[], options: { leaseMs: number; random: Random }) {
    const { streams, buckets, keys } = names();
    this.ledger = new Ledger(fleet);
    this.gaps = new Gaps(fleet);
    this.orders = new Orders(stack.nc, stack.client(), options.random);
    this.owners = new Owners(options.leaseMs);
    this.#tails = [
      tailLasting(stack.nc, streams.targets, (message) => this.#sent(message), { headersOnly: true }),
      tailLasting(stack.nc, streams.executions, (message) => this.#told(message)),
      tailLasting(stack.nc, streams.audit, (message) => this.orders.audit(message)),
      tailLasting(stack.nc, keys.stream(buckets.workers), (message) => this.owners.hear(message)),
    ];
  }

  /** What is not at rest yet among these workers; null: everything is. */
  unrest(workers: readonly string[]): string | null {
    const now = Date.now();
    if (!this.owners.settledAmong(workers, now)) return "partitions are not where they are wanted";
    const behind = this.ledger.behind(now - LATE_MS);
    return behind > 0 ? `${behind} schedules are late` : null;
  }

  stop(): void {
    for (const tail of this.#tails) tail.close();
  }

  #sent(message: TailedMessage): void {
    const scheduleId = message.header("Scheduler-Schedule-Id");
    const number = numberOf(scheduleId);
    if (number === null) this.orders.sent(scheduleId, message);
    else {
      this.ledger.sent(scheduleId, message);
      this.gaps.sent(number, Date.parse(message.header("Scheduler-Due-At")), message.storedAt);
    }
  }

  #told(message: TailedMessage): void {
    const { data }: { data: ExecutionEventData } = JSON.parse(message.body());
    if (numberOf(data.scheduleId) === null) this.orders.told(data);
    else this.ledger.told(data);
  }
}
