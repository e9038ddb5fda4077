/**
 * Time that passes only when it is told to. Whoever waits is woken in the order of (moment, request), and everything that one wake sets off
 * has come to rest before the next one: so a day takes as long as what happens in it, and the same program takes the same course.
 */

import TinyQueue from "tinyqueue";
import type { Cancel } from "../../scheduler/src/app/ports.ts";

interface Wake {
  readonly atMs: number;
  readonly order: number;
  /** Null: called off. */
  call: (() => void) | null;
}

/**
 * What a wake sets off has come to rest when the next immediate is called, within a turn of the event loop as well. A turn for each wake
 * would take longer than most wakes.
 */
const WAKES_A_TURN = 256;

const byMoment = (one: Wake, two: Wake): number => one.atMs - two.atMs || one.order - two.order;

export class VirtualTime {
  readonly #wakes = new TinyQueue<Wake>([], byMoment);
  #nowMs = 0;
  #order = 0;

  /** Milliseconds since this time began. */
  get nowMs(): number {
    return this.#nowMs;
  }

  /** Wakes once, `delayMs` from now; less than a millisecond is rounded up, since nobody may be woken early. */
  after(delayMs: number, call: () => void): Cancel {
    const wake: Wake = { atMs: this.#nowMs + Math.ceil(Math.max(0, delayMs)), order: this.#order++, call };
    this.#wakes.push(wake);
    return () => {
      wake.call = null;
    };
  }

  /** Lets everything happen that waits for a moment up to `untilMs`; it is then `untilMs`. */
  runUntil(untilMs: number): Promise<void> {
    return new Promise((resume, fail) => {
      let over = false;
      const step = (): void => {
        if (over) return;
        try {
          over = !this.#wakeNext(untilMs);
          if (over) resume();
        } catch (error) {
          over = true;
          fail(error);
        }
      };
      const turn = (): void => {
        if (over) return;
        for (let n = 0; n < WAKES_A_TURN; n++) setImmediate(step);
        setImmediate(turn);
      };
      turn();
    });
  }

  /** False: nothing is left until `untilMs`. */
  #wakeNext(untilMs: number): boolean {
    const wake = this.#next(untilMs);
    this.#nowMs = Math.max(this.#nowMs, wake?.atMs ?? untilMs);
    wake?.call?.();
    return wake !== undefined;
  }

  #next(untilMs: number): Wake | undefined {
    for (;;) {
      const first = this.#wakes.peek();
      if (first === undefined || (first.call !== null && first.atMs > untilMs)) return undefined;
      this.#wakes.pop();
      if (first.call !== null) return first;
    }
  }
}
