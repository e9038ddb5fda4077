/**
 * Holds commands to their tenant's rate. A durable command over it waits its turn, in order; so many of a tenant wait in one partition,
 * and what comes beyond is refused. A caller who waits for an answer is refused at once, and told when to come again.
 */

import { type ErrorBody, errorBody } from "@carillon/contracts";
import type { Sender } from "../domain/command.ts";
import type { Tenants } from "../domain/tenants.ts";
import { pause } from "./pause.ts";
import type { Clock } from "./ports.ts";
import type { Rates } from "./rates.ts";

/** Commands of one tenant that one partition holds back; further ones are refused with `rate_limited`. */
export const HELD_BACK_MAX = 100;

export class Gate {
  readonly #clock: Clock;
  readonly #rates: Rates;
  readonly #heldBack = new Map<string, number>();

  constructor({ clock, rates }: { clock: Clock; rates: Rates }) {
    this.#clock = clock;
    this.#rates = rates;
  }

  /** Resolves when the command may be handled; with an error where it may not. `awaited`: somebody waits for the answer. */
  async admit(
    { tenant: name, actor }: Sender,
    tenants: Tenants,
    awaited: boolean,
  ): Promise<ErrorBody | null> {
    const tenant = tenants.get(name);
    if (tenant === undefined) return null;
    const waiting = this.#heldBack.get(name) ?? 0;
    const waitMs = this.#rates.take(tenant, actor, awaited || waiting >= HELD_BACK_MAX);
    if (waitMs === 0) return null;
    if (awaited || waiting >= HELD_BACK_MAX) {
      return errorBody(
        "rate_limited",
        `tenant "${name}" sends more commands a second than it may`,
        [],
        Math.ceil(waitMs),
      );
    }
    this.#heldBack.set(name, waiting + 1);
    await pause(this.#clock, waitMs);
    this.#heldBack.set(name, (this.#heldBack.get(name) ?? 1) - 1);
    return null;
  }
}
