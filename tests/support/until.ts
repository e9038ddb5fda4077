/** Waits for what can only be looked at. */

import { setTimeout as delay } from "node:timers/promises";

const LOOK_EVERY_MS = 25;

/** True as soon as `holds` is; false where it is not within `waitMs`. */
export async function until(holds: () => boolean | Promise<boolean>, waitMs: number): Promise<boolean> {
  const endMs = performance.now() + waitMs;
  while (performance.now() < endMs) {
    if (await holds()) return true;
    await delay(LOOK_EVERY_MS);
  }
  return holds();
}
