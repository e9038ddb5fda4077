/**
 * The server's clock as a worker carries it on: looked at once, and moved along with the monotonic clock. What was promised when, and how
 * long ago, is reckoned by it, since streams are searched by the time at which the server stored what they hold; the wall clock of this
 * machine, or of the one before, may have been set in between.
 */

import type { EpochMs } from "../domain/instant.ts";
import type { Clock, Store } from "./ports.ts";

export type ServerClock = () => EpochMs;

export async function serverClock({
  clock,
  store,
}: {
  clock: Clock;
  store: Pick<Store, "serverNow">;
}): Promise<ServerClock> {
  const askedMs = clock.monotonicMs();
  const shownAt = await store.serverNow();
  const shownMs = (askedMs + clock.monotonicMs()) / 2;
  return () => Math.round(shownAt + clock.monotonicMs() - shownMs);
}
