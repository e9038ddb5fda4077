/**
 * Holds commands to their tenant's rate. A durable command over it waits its turn, in order; so many of a tenant wait in one partition,
 * and what comes beyond is refused. A caller who waits for an answer is refused at once, and told when to come again.
 */

import { type ErrorBody, errorBody } from "@carillon/contracts";
import type { Sender } from "../domain/command.ts";
import type { Tenants } from "../domain/tenants.ts";
import type { Clock } from "./ports.ts";
import type { Rates } from "./rates.ts";

/** Commands of one tenant that one partition holds back; further ones are refused with `rate_limited`. */
export const HELD_BACK_MAX = 100;

/** Refusals that are remembered: as many as an inbox delivers before the first of them is confirmed. */
const REFUSED_MAX = 1_000;

const DONE = Promise.resolve();
const passed = (): Promise<void> => DONE;

export type Entry =
  /** `pass` resolves when it may be handled, or is no longer wanted; to be called once, in the schedule's turn. */
  | { kind: "admitted"; pass(wanted: () => boolean): Promise<void> }
  /** To be refused at once: waiting for its turn would keep the inbox from delivering what others sent. */
  | { kind: "refused"; error: ErrorBody };

export class Gate {
  readonly #clock: Clock;
  readonly #rates: Rates;
  readonly #heldBack = new Map<string, number>();
  /** Places in the inbox of the commands that were admitted and are not done, each as often as it was delivered. */
  readonly #inHand = new Map<number, number>();
  /** Refusals by the command's place in the inbox, in the order in which they were made. */
  readonly #refused = new Map<number, ErrorBody>();
  readonly #sleeping = new Set<() => void>();

  constructor({ clock, rates }: { clock: Clock; rates: Rates }) {
    this.#clock = clock;
    this.#rates = rates;
  }

  /**
   * At the command's arrival, whoever is before it in its schedule's turn. `sequence`: its place in the inbox; when it is delivered again,
   * one that was refused stays refused, and one that is in hand is not judged anew. `awaited`: somebody waits for the answer. What is
   * admitted must be given back with `leave`.
   */
  enter(
    { tenant: name, actor }: Sender,
    tenants: Tenants,
    { sequence, awaited }: { sequence: number; awaited: boolean },
  ): Entry {
    const tenant = tenants.get(name);
    const error = this.#refused.get(sequence);
    if (error !== undefined) return { kind: "refused", error };
    if (tenant === undefined || this.#inHand.has(sequence)) return this.#admit(sequence, passed);
    const full = awaited || (this.#heldBack.get(name) ?? 0) >= HELD_BACK_MAX;
    const waitMs = this.#rates.take(tenant, actor, full);
    if (waitMs > 0 && full) {
      const message = `tenant "${name}" sends more commands a second than it may`;
      const refusal = errorBody("rate_limited", message, [], Math.ceil(waitMs));
      this.refuse(sequence, refusal);
      return { kind: "refused", error: refusal };
    }
    const risen = waitMs > 0 ? this.#holdBack(name, waitMs) : passed;
    return this.#admit(sequence, (wanted) =>
      risen(wanted).then(() => {
        // It comes again, and counts then; counted at every delivery, what waits long would never have its turn.
        if (!wanted()) this.#rates.giveBack(tenant, actor);
      }),
    );
  }

  /** The command is done, or no longer wanted. */
  leave(sequence: number): void {
    const left = (this.#inHand.get(sequence) ?? 1) - 1;
    if (left === 0) this.#inHand.delete(sequence);
    else this.#inHand.set(sequence, left);
  }

  #admit(sequence: number, pass: (wanted: () => boolean) => Promise<void>): Entry {
    this.#inHand.set(sequence, (this.#inHand.get(sequence) ?? 0) + 1);
    return { kind: "admitted", pass };
  }

  /** It is told to be refused, for whatever reason: delivered again, it is not judged anew. */
  refuse(sequence: number, error: ErrorBody): void {
    this.#refused.set(sequence, error);
    if (this.#refused.size > REFUSED_MAX) this.#refused.delete(this.#refused.keys().next().value ?? 0);
  }

  /** Whoever waits looks again whether it is still wanted. */
  wake(): void {
    for (const rise of [...this.#sleeping]) rise();
  }

  #holdBack(tenant: string, waitMs: number): (wanted: () => boolean) => Promise<void> {
    this.#heldBack.set(tenant, (this.#heldBack.get(tenant) ?? 0) + 1);
    const readyMs = this.#clock.monotonicMs() + waitMs;
    return async (wanted) => {
      for (;;) {
        const leftMs = readyMs - this.#clock.monotonicMs();
        if (leftMs <= 0 || !wanted()) break;
        await this.#sleep(leftMs);
      }
      this.#heldBack.set(tenant, (this.#heldBack.get(tenant) ?? 1) - 1);
    };
  }

  #sleep(delayMs: number): Promise<void> {
    return new Promise((resume) => {
      const rise = (): void => {
        cancel();
        this.#sleeping.delete(rise);
        resume();
      };
      const cancel = this.#clock.after(delayMs, rise);
      this.#sleeping.add(rise);
    });
  }
}
