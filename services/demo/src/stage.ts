/**
 * What an act may use: a client, the workers, the feed of events, and a voice. Waiting ends with the demo: when
 * it is interrupted, every wait rejects.
 */

import { setTimeout as delay } from "node:timers/promises";
import type { Client } from "@carillon/contracts/client";
import type { Auditor } from "./auditor-process.ts";
import type { Crew } from "./crew.ts";
import type { EventFeed } from "./event-feed.ts";
import { orInterrupted } from "./interruption.ts";
import type { News } from "./news.ts";

/** An event that has not come by then never comes: the demo gives up and says which. */
const EVENT_MS_MAX = 15_000;

export interface Act {
  readonly title: string;
  run(stage: Stage): Promise<void>;
}

export interface StageParts {
  readonly client: Client;
  readonly crew: Crew;
  readonly feed: EventFeed;
  readonly auditor: Auditor;
  /** A note of the act, for people. */
  readonly say: (text: string) => void;
  /** Aborted when the demo is to end early. */
  readonly signal: AbortSignal;
}

export interface Stage extends Omit<StageParts, "feed" | "signal"> {
  /** Time for people to watch. */
  watch(ms: number): Promise<void>;
  /** The first event from now on that `isIt`; `what` is said when it does not come. */
  next(what: string, isIt: (news: News) => boolean): Promise<News>;
}

export function stageOf({ feed, signal, ...rest }: StageParts): Stage {
  return {
    ...rest,
    watch: async (ms) => void (await delay(ms, undefined, { signal })),
    next: (what, isIt) => {
      const news = nextNews({ feed, signal, what, isIt });
      // Whoever asks before acting may fail in between, and then nobody waits any more.
      news.catch(() => {});
      return news;
    },
  };
}

interface Question {
  readonly feed: EventFeed;
  readonly signal: AbortSignal;
  readonly what: string;
  readonly isIt: (news: News) => boolean;
}

async function nextNews({ feed, signal, what, isIt }: Question): Promise<News> {
  const { promise, resolve, reject } = Promise.withResolvers<News>();
  const stopListening = feed.listen((news) => void (isIt(news) && resolve(news)));
  const giveUp = (): void => reject(new Error(`waited ${EVENT_MS_MAX / 1000} s for ${what}`));
  const timer = setTimeout(giveUp, EVENT_MS_MAX);
  try {
    return await orInterrupted(signal, promise);
  } finally {
    stopListening();
    clearTimeout(timer);
  }
}

/** Whether the news is a command of `scheduleId` that JetStream has. */
export const isFireOf =
  (scheduleId: string) =>
  ({ entity, what, scheduleId: of }: News): boolean =>
    entity === "execution" && what === "dispatched" && of === scheduleId;
