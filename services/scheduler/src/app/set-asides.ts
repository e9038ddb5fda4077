/**
 * Says that a record was set aside: a signal for operators at once, and an event for everyone. Events go out one after the other and
 * nobody waits for them, so that a stream that is slow or full delays neither a takeover nor a fire.
 */

import { setAsideEvent } from "../domain/announcement.ts";
import type { EventMessage } from "../domain/event-message.ts";
import { eventMessage } from "../domain/event-message.ts";
import type { Held } from "./held.ts";
import type { PartitionContext } from "./partition-context.ts";
import type { RecordFault } from "./records.ts";

type Deps = Pick<PartitionContext, "names" | "clock" | "records" | "courier" | "guard" | "fault">;

export class SetAsides {
  readonly #deps: Deps;
  #last: Promise<void> = Promise.resolve();

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  tell({ key, tenant, scheduleId }: Pick<Held, "key" | "tenant" | "scheduleId">, fault: RecordFault): void {
    const { names, clock, records } = this.#deps;
    records.report(key, fault);
    const bucket = names.buckets[fault.bucket];
    const event = setAsideEvent({ tenant, scheduleId }, { ...fault, bucket }, clock.now());
    const message = eventMessage(names, { tenant, scheduleId }, event, null);
    this.#last = this.#last
      .then(() => this.#send(message, fault.storedAt))
      .catch((error: unknown) => this.#deps.fault(error));
  }

  /** Whoever held the partition before may have told it at any time since the record was stored. */
  #send(message: EventMessage, promisedAt: number): Promise<void> {
    const { clock, courier, guard } = this.#deps;
    return courier.report({
      message: () => message,
      promisedAt,
      ageMs: Math.max(1, clock.now() - promisedAt),
      guard,
    });
  }
}
