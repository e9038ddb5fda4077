/**
 * What the house stands on in place of NATS: a map for the buckets, a publisher that holds events against the laws; no stream to be
 * read, and no other worker.
 */

import type { History } from "../../services/scheduler/src/app/history.ts";
import type {
  Finder,
  Leases,
  Message,
  Peers,
  Publisher,
  Store,
  Stored,
} from "../../services/scheduler/src/app/ports.ts";
import type { Schedule } from "../../services/scheduler/src/domain/schedule.ts";
import { NOW } from "./definitions.ts";
import { checkEvent } from "./laws.ts";

/** The bucket as it would be read: from the JSON that was stored. */
export function storeOf(schedules: ReadonlyMap<string, Schedule>): Store {
  const stored = (key: string, pick: (schedule: Schedule) => object): Stored | null => {
    const schedule = schedules.get(key.split(".").slice(1).join("."));
    if (schedule === undefined) return null;
    return {
      key,
      value: new TextEncoder().encode(JSON.stringify(pick(schedule))),
      revision: 1,
      storedAt: NOW,
    };
  };
  const nothing = () => Promise.reject(new Error("nothing is written here"));
  return {
    serverNow: async () => NOW,
    load: async () => {},
    read: async (_, key) => stored(key, ({ state }) => state),
    lastRevision: async () => 0,
    readRevision: async (_, key) => stored(key, ({ record }) => record),
    readRevisions: async (_, wanted) => wanted.map(({ key }) => stored(key, ({ record }) => record)),
    write: nothing,
    purge: nothing,
  };
}

/** Only events are published here: of refusals. */
export function publisherOf(): Publisher {
  const send = async (message: Message) => {
    checkEvent(message);
    return { kind: "stored", stream: "AUDIT", sequence: 1, duplicate: false } as const;
  };
  return { room: () => 1, send, sendCore: send, reply: () => {}, inflight: () => 0 };
}

export const FINDER: Finder = {
  streamOf: async () => null,
  known: () => null,
  find: async () => ({ found: new Map(), complete: true }),
};

/** No stream is there to be read. */
export const NO_HISTORY: History = {
  reach: async () => null,
  subjects: async () => [],
  read: async () => {},
  at: async () => null,
};

export const PEERS: Peers = {
  tell: () => {},
  hear: () => () => {},
  ask: async () => {},
  answer: () => () => {},
  messageBytesMax: () => 2 ** 20,
};

export const LEASES: Leases = {
  backend: "nats",
  acquire: () => Promise.reject(new Error("nobody takes over")),
};
