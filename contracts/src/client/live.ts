/*
 * Events as they are told, through a plain subscription. The server keeps nothing for it, so a reader who falls
 * too far behind is told so rather than served from memory without end.
 */
import type { NatsConnection } from "@nats-io/nats-core";
import { failure } from "./carillon-error.ts";
import type { Feed } from "./feed.ts";

export const listen = (
  nc: NatsConnection,
  filter: string,
  to: {
    readonly feed: Feed<unknown>;
    readonly unreadMax: number;
    hear(text: string, sequence: number | null): void;
  },
): void => {
  const { feed, unreadMax } = to;
  const subscription = nc.subscribe(filter, {
    callback: (error, message) => {
      if (error !== null) return feed.end({ error });
      to.hear(message.string(), null);
      if (feed.waiting > unreadMax) feed.end({ error: tooSlow(unreadMax) });
    },
  });
  void subscription.closed.then((error) => feed.end(error instanceof Error ? { error } : null));
  feed.onEnd(() => {
    if (!subscription.isClosed()) subscription.unsubscribe();
  });
};

const tooSlow = (unreadMax: number): Error =>
  failure("reader_too_slow", `more than ${unreadMax} events wait to be read`, null);
