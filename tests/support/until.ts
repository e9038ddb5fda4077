/** Waits for what can only be looked at. */

import { setTimeout as delay } from "node:timers/promises";

const LOOK_EVERY_MS = 25;

/** True as soon as `holds` is; false where it is not within `waitMs`. */
export async function until(holds: () => boolean, waitMs: number): Promise<boolean> {
  const endMs = performance.now() + waitMs;
  while (!holds() && performance.now() < endMs) await delay(LOOK_EVERY_MS);
  return holds();
}
