/**
 * Plants of sharing: schedulers with one bug each in how they take partitions over, hand them on, and fence each other off. Not among them:
 * one that is deaf to what others say of leaving or of being unfit. Their heartbeats go soon after, which is heard at once, so that no law
 * is broken; the tests of the worker hold what it says and hears.
 */

import { type Heartbeat, names as namesOf, type StateRecord, type TermRecord } from "@carillon/contracts";
import type { Guard, Heartbeats, Lease, Leases, Store } from "../../services/scheduler/src/app/ports.ts";
import type { Ports } from "../../services/scheduler/src/compose.ts";
import type { Plant } from "./plants.ts";
import { withOwn } from "./with-own.ts";

const NAMES = namesOf();
const ALWAYS: Guard = () => true;

/** Leases as another would hold them. */
const holding =
  (change: (lease: Lease, ports: Ports) => Partial<Lease>): Plant =>
  (ports) => ({
    ...ports,
    leases: withOwn<Leases>(ports.leases, {
      acquire: async (...asked) => {
        const lease = await ports.leases.acquire(...asked);
        return lease === null ? null : withOwn<Lease>(lease, change(lease, ports));
      },
    }),
  });

/** Heartbeats of others as another would hear them; null: not at all, `gone` false: that they are gone is not heard either. */
const hearing =
  (change: (heartbeat: Heartbeat) => Heartbeat | null, gone = true): Plant =>
  (ports) => ({
    ...ports,
    heartbeats: withOwn<Heartbeats>(ports.heartbeats, {
      watch: (heard) =>
        ports.heartbeats.watch((worker, text) => {
          const changed = text === null ? null : change(JSON.parse(text) as Heartbeat);
          if (changed !== null) heard(worker, JSON.stringify(changed));
          else if (text === null && gone) heard(worker, null);
        }),
    }),
  });

/** What a worker says when it leaves, as another would say it. */
function leaving(ports: Ports, change: (heartbeat: Heartbeat) => Heartbeat): Ports {
  const beat: Heartbeats["beat"] = (worker, text, ttlMs) => {
    const heartbeat = JSON.parse(text) as Heartbeat;
    const said = heartbeat.state === "leaving" ? JSON.stringify(change(heartbeat)) : text;
    return ports.heartbeats.beat(worker, said, ttlMs);
  };
  return { ...ports, heartbeats: withOwn<Heartbeats>(ports.heartbeats, { beat }) };
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export const SHARING_PLANTS = {
  "takes over without raising the term": (ports) => ({
    ...ports,
    store: withOwn<Store>(ports.store, {
      write: (bucket, key, value, expected, guard) => {
        if (NAMES.keys.term.parse(key) === null)
          return ports.store.write(bucket, key, value, expected, guard);
        const record = JSON.parse(value) as TermRecord;
        const same = { ...record, term: Math.max(1, record.term - 1) };
        return ports.store.write(bucket, key, JSON.stringify(same), expected, guard);
      },
    }),
  }),

  "trusts a lease past its deadline": holding((lease) => ({
    deadlineMs: () => Number.POSITIVE_INFINITY,
    renew: async () => {
      await lease.renew();
      return true;
    },
  })),

  "trusts a lease that it did not get": (ports) => ({
    ...ports,
    leases: withOwn<Leases>(ports.leases, {
      acquire: async (name, owner, ttlMs) =>
        (await ports.leases.acquire(name, owner, ttlMs)) ?? {
          deadlineMs: () => Number.POSITIVE_INFINITY,
          renew: async () => true,
          release: async () => {},
        },
    }),
  }),

  "renews where it should release": holding((lease) => ({
    release: async () => void (await lease.renew()),
  })),

  "never renews": holding((lease) => ({ renew: async () => lease.deadlineMs() > 0 })),

  "believes a heartbeat for ever": hearing((heartbeat) => heartbeat, false),

  "takes what others hold": hearing((heartbeat) => ({ ...heartbeat, partitions: [] })),

  "never hears of those who came later": (ports) => {
    const known = new Set<string>();
    let begun = false;
    ports.clock.after(1, () => {
      begun = true;
    });
    return hearing((heartbeat) => {
      if (!begun) known.add(heartbeat.worker);
      return known.has(heartbeat.worker) ? heartbeat : null;
    })(ports);
  },

  "falls silent": (ports) => {
    let beats = 0;
    return {
      ...ports,
      heartbeats: withOwn<Heartbeats>(ports.heartbeats, {
        beat: async (...beat) => (++beats > 3 ? true : ports.heartbeats.beat(...beat)),
      }),
    };
  },

  "leaves without storing what it paid": (ports) => {
    let left = false;
    const leavingSoon = leaving(ports, (heartbeat) => {
      left = true;
      return heartbeat;
    });
    return {
      ...leavingSoon,
      store: withOwn<Store>(ports.store, {
        write: async (bucket, key, value, expected, guard) => {
          if (left && bucket === "state") return { kind: "written", revision: 1 };
          return ports.store.write(bucket, key, value, expected, guard);
        },
      }),
    };
  },

  "answers a command for a term that is over": (ports) => ({
    ...ports,
    store: withOwn<Store>(ports.store, {
      write: (bucket, key, value, expected) => ports.store.write(bucket, key, value, expected, ALWAYS),
    }),
  }),

  "repairs nothing that it finds owed": (ports) => ({
    ...ports,
    store: withOwn<Store>(ports.store, {
      load: (bucket, partitions, each, restarted) =>
        ports.store.load(
          bucket,
          partitions,
          (stored) => {
            if (bucket !== "state" || NAMES.keys.schedule.parse(stored.key) === null) return each(stored);
            const state = JSON.parse(decoder.decode(stored.value)) as StateRecord;
            each({ ...stored, value: encoder.encode(JSON.stringify({ ...state, owed: [] })) });
          },
          restarted,
        ),
    }),
  }),

  "gives leases back before it has stopped speaking": (ports) => {
    const held: Lease[] = [];
    const believing = holding((lease) => {
      held.push(lease);
      let untilMs = 0;
      return {
        deadlineMs: () => {
          untilMs = Math.max(untilMs, lease.deadlineMs());
          return untilMs;
        },
      };
    });
    return leaving(believing(ports), (heartbeat) => {
      for (const lease of held) void lease.release();
      return { ...heartbeat, partitions: [] };
    });
  },
} satisfies Readonly<Record<string, Plant>>;
