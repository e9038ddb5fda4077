/**
 * Brings what happens to the screen: events in plain words, and for each schedule when it fires next. That is in
 * a header of each command; of a schedule that is new or resumed no command has told yet, so the scheduler is asked.
 */

import { DEFAULT_TENANT, FIRE_HEADERS } from "@carillon/contracts";
import type { Client } from "@carillon/contracts/client";
import type { NatsConnection } from "@nats-io/nats-core";
import type { Board } from "./board.ts";
import type { EventFeed } from "./event-feed.ts";
import { lineOf } from "./plain-words.ts";
import type { Screen } from "./screen/screen.ts";

/** Targets that the demo's tenants file allows. */
const TARGETS = ["cmd.notification.>", "cmd.analytics.>"] as const;

interface Parts {
  readonly nc: NatsConnection;
  readonly client: Client;
  readonly feed: EventFeed;
  readonly board: Board;
  readonly screen: Screen;
}

export function show({ nc, client, feed, board, screen }: Parts): void {
  feed.listen((news) => {
    board.hear(news);
    screen.event(lineOf(news));
    if (news.entity !== "schedule" || !ASKED_AFTER.has(news.what)) return;
    // Without a worker nobody answers; the screen then shows what it knew.
    client.get(news.scheduleId).then(
      ({ nextFireAt }) => board.next(news.scheduleId, nextFireAt),
      () => {},
    );
  });
  for (const subject of TARGETS) {
    nc.subscribe(subject, {
      callback: (_, { headers }) => {
        if (headers?.get(FIRE_HEADERS.tenant) !== DEFAULT_TENANT) return;
        board.next(headers.get(FIRE_HEADERS.scheduleId), headers.get(FIRE_HEADERS.nextAt) || null);
      },
    });
  }
}

const ASKED_AFTER: ReadonlySet<string> = new Set(["created", "updated", "resumed"]);
