/**
 * Schedulers with one bug each, made of the real one by what is done to its ports: the laws must catch every one of them, or they are not
 * worth much.
 */

import { names as namesOf, type StateRecord } from "@carillon/contracts";
import {
  type Clock,
  type Guard,
  type Inbox,
  type InboxMessage,
  type InboxReader,
  type Message,
  type Publisher,
  type Store,
  TermOver,
  type Written,
} from "../../services/scheduler/src/app/ports.ts";
import type { Ports } from "../../services/scheduler/src/compose.ts";
import { withOwn } from "./with-own.ts";

export type Plant = (ports: Ports) => Ports;

const NAMES = namesOf();
const ALWAYS: Guard = () => true;

/** Writes of schedules' states as another would make them. */
function writing(change: (state: StateRecord) => StateRecord): Plant {
  return (ports) => ({
    ...ports,
    store: withOwn<Store>(ports.store, {
      write: (bucket, key, value, expected, guard) => {
        const isState = bucket === "state" && NAMES.keys.schedule.parse(key) !== null;
        const changed = isState ? JSON.stringify(change(JSON.parse(value))) : value;
        return ports.store.write(bucket, key, changed, expected, guard);
      },
    }),
  });
}

const publishing =
  (send: (publisher: Publisher) => Publisher["send"]): Plant =>
  (ports) => ({ ...ports, publisher: withOwn<Publisher>(ports.publisher, { send: send(ports.publisher) }) });

/** Commands as another would deliver them. */
const delivering =
  (change: (message: InboxMessage) => InboxMessage): Plant =>
  (ports) => ({
    ...ports,
    inbox: withOwn<Inbox>(ports.inbox, {
      open: async (partition, term) => {
        const reader = await ports.inbox.open(partition, term);
        return withOwn<InboxReader>(reader, {
          start: (deliver, restarted, lost) =>
            reader.start((message) => deliver(change(message)), restarted, lost),
        });
      },
    }),
  });

const isTarget = ({ subject }: Message): boolean => subject.startsWith("cmd.");
const isEvent = ({ subject }: Message, entity: string, what: string): boolean => {
  const event = NAMES.event.parse(subject);
  return event?.entity === entity && event.what === what;
};

/** Pretends that a message was stored. */
const swallowing = (which: (message: Message) => boolean): Plant =>
  publishing((publisher) => async (message, how) => {
    if (!which(message)) return publisher.send(message, how);
    return { kind: "stored", stream: "nowhere", sequence: 1, duplicate: false };
  });

export const PLANTS = {
  "skips the compare-and-set": (ports) => ({
    ...ports,
    store: withOwn<Store>(ports.store, {
      write: (bucket, key, value, _expected, guard) => ports.store.write(bucket, key, value, null, guard),
    }),
  }),

  "forgets what is owed": writing((state) => ({ ...state, owed: [] })),

  "fires early": (ports) => ({
    ...ports,
    clock: withOwn<Clock>(ports.clock, { now: () => ports.clock.now() + 700 }),
  }),

  "strikes before the acknowledgement": publishing((publisher) => async (message, how) => {
    if (!isTarget(message)) return publisher.send(message, how);
    void publisher.send(message, how).catch(() => {});
    return { kind: "stored", stream: "somewhere", sequence: 1, duplicate: false };
  }),

  "acknowledges a command before its event": delivering((message) => {
    message.ack();
    return message;
  }),

  "ends its term on its own refused write": (ports) => ({
    ...ports,
    store: withOwn<Store>(ports.store, {
      write: async (bucket, key, value, expected, guard): Promise<Written> => {
        const written = await ports.store.write(bucket, key, value, expected, guard);
        if (written.kind === "stale" && bucket === "state") throw new TermOver(key);
        return written;
      },
    }),
  }),

  "believes a write before it is stored": (ports) => {
    let guess = 1_000_000;
    return {
      ...ports,
      store: withOwn<Store>(ports.store, {
        write: async (bucket, key, value, expected, guard) => {
          const isSchedule = bucket === "state" && !key.startsWith("term.");
          if (!isSchedule) return ports.store.write(bucket, key, value, expected, guard);
          void ports.store.write(bucket, key, value, null, guard).catch(() => {});
          return { kind: "written", revision: ++guess };
        },
      }),
    };
  },

  "sends a repair under another id": publishing((publisher) => {
    let sends = 0;
    return (message, how) =>
      publisher.send(isTarget(message) ? { ...message, id: `${message.id}.${++sends}` } : message, how);
  }),

  "sends again without looking": (ports) => ({
    ...ports,
    finder: withOwn(ports.finder, { find: async () => ({ found: new Map(), complete: true }) }),
  }),

  "forgets the commands it has applied": writing((state) => ({
    ...state,
    memory: { ...state.memory, sequence: 0, outcomes: [] },
  })),

  "turns the cursor back": writing((state) => {
    const { lastNominalAt, nominalAt } = state;
    const back = nominalAt !== null && lastNominalAt !== null && state.claimed % 5 === 4;
    return back ? { ...state, nominalAt: lastNominalAt, dueAt: lastNominalAt } : state;
  }),

  "goes on under a pause": writing((state) =>
    state.status === "paused" ? { ...state, status: "active" } : state,
  ),

  "keeps silent about what it missed": swallowing((message) => isEvent(message, "execution", "missed")),

  "keeps silent about a refusal": swallowing((message) => isEvent(message, "command", "rejected")),

  "counts wrong": writing((state) => ({
    ...state,
    stats: { ...state.stats, fired: Math.max(0, state.stats.fired - 1) },
  })),

  "fires late": (ports) => ({
    ...ports,
    clock: withOwn<Clock>(ports.clock, {
      after: (delayMs, wake) => ports.clock.after(delayMs > 60_000 ? delayMs * 1_000 : delayMs * 3, wake),
    }),
  }),

  "acknowledges nothing": delivering((message) => ({ ...message, ack: () => {} })),

  "writes for a term that is over": (ports) => ({
    ...ports,
    store: withOwn<Store>(ports.store, {
      write: async (bucket, key, value, expected, guard) => {
        const written = await ports.store.write(bucket, key, value, expected, guard);
        if (written.kind !== "stale" || key.startsWith("term.")) return written;
        return ports.store.write(bucket, key, value, null, ALWAYS);
      },
    }),
  }),
} satisfies Readonly<Record<string, Plant>>;
