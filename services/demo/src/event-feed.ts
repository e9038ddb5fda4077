/**
 * The scheduler's events as they happen: a plain subscription, like anybody's who wants to watch. Each event is
 * passed on once, whatever was repeated on its way.
 */

import { type CloudEvent, DEFAULT_TENANT, names } from "@carillon/contracts";
import type { NatsConnection } from "@nats-io/nats-core";
import type { News } from "./news.ts";

const { event: subject } = names();

/** Event ids remembered; repeats come within seconds, so older ones may be forgotten. */
const IDS_MAX = 10_000;

type Listener = (news: News) => void;

export class EventFeed {
  readonly #listeners = new Set<Listener>();
  readonly #heard = new Set<string>();

  constructor(nc: NatsConnection) {
    nc.subscribe(subject.filter({ tenant: DEFAULT_TENANT }), {
      callback: (_, message) => this.#pass(message.subject, message.json<CloudEvent>()),
    });
  }

  /** Calls `listener` with each event from now on; returns what takes it back. */
  listen(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #pass(from: string, event: CloudEvent): void {
    const place = subject.parse(from);
    if (place === null || this.#heard.has(event.id)) return;
    this.#heard.add(event.id);
    const [oldest] = this.#heard;
    if (this.#heard.size > IDS_MAX && oldest !== undefined) this.#heard.delete(oldest);
    const { entity, what, scheduleId } = place;
    const news = { entity, what, scheduleId, event } as News;
    for (const listener of this.#listeners) listener(news);
  }
}
