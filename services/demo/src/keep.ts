/** After the verdict, with everything still running: quiet, but for the schedules that somebody else makes. */

import { SCHEDULE_IDS } from "./cast.ts";
import type { EventFeed } from "./event-feed.ts";
import { lineOf } from "./plain-words.ts";
import { eventLine } from "./screen/frame.ts";
import type { Paint } from "./screen/paint.ts";

interface Parts {
  readonly feed: EventFeed;
  readonly print: (line: string) => void;
  readonly paint: Paint;
  readonly signal: AbortSignal;
}

/** Resolves when `signal` is aborted. */
export async function keepRunning({ feed, print, paint, signal }: Parts): Promise<void> {
  print("");
  print("Ctrl-C ends it. Events of your own schedules appear here:");
  const ours: ReadonlySet<string> = new Set(SCHEDULE_IDS);
  feed.listen((news) => {
    if (!ours.has(news.scheduleId)) print(eventLine(lineOf(news), Number.POSITIVE_INFINITY, paint));
  });
  if (signal.aborted) return;
  await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
}
