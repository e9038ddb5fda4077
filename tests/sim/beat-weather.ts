/** What becomes of the heartbeats of one machine: those of its workers may be lost, and those of others may come late, though in order. */

import type { Heartbeats } from "../../services/scheduler/src/app/ports.ts";
import type { VirtualTime } from "../../services/testing/src/virtual-time.ts";

export class BeatWeather {
  readonly #time: VirtualTime;
  #lost = false;
  #lateMs = 0;
  #lastHeardMs = 0;

  constructor(time: VirtualTime) {
    this.#time = time;
  }

  lose(): void {
    this.#lost = true;
  }

  delay(byMs: number): void {
    this.#lateMs = byMs;
  }

  clear(): void {
    this.#lost = false;
    this.#lateMs = 0;
  }

  over(heartbeats: Heartbeats): Heartbeats {
    return {
      beat: async (...beat) => (this.#lost ? false : heartbeats.beat(...beat)),
      end: async (worker) => (this.#lost ? undefined : heartbeats.end(worker)),
      watch: async (heard) => {
        const cancel = await heartbeats.watch((worker, heartbeat) =>
          this.#later(() => heard(worker, heartbeat)),
        );
        // What was there is to be heard first.
        await new Promise<void>((resume) => this.#later(resume));
        return cancel;
      },
    };
  }

  #later(hear: () => void): void {
    const { nowMs } = this.#time;
    const atMs = Math.max(this.#lastHeardMs, nowMs + this.#lateMs);
    // Behind those that wait for this moment.
    const atOnce = atMs === nowMs && this.#lastHeardMs < nowMs;
    this.#lastHeardMs = atMs;
    if (atOnce) hear();
    else this.#time.after(atMs - nowMs, hear);
  }
}
