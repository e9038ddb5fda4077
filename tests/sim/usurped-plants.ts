/** Plants of fencing: schedulers with one bug each that shows only where a worker lives on beside its successor. */

import { names as namesOf, type StateRecord } from "@carillon/contracts";
import type { Inbox, Store } from "../../services/scheduler/src/app/ports.ts";
import type { Plant } from "./plants.ts";
import { withOwn } from "./with-own.ts";

const NAMES = namesOf();
const encoder = new TextEncoder();
const decoder = new TextDecoder();

export const USURPED_PLANTS = {
  "goes on after a newer term began": (ports) => {
    const terms = new Map<string, number>();
    return {
      ...ports,
      inbox: withOwn<Inbox>(ports.inbox, {
        open: async (partition, term) => {
          if (partition !== null) terms.set(String(partition), term);
          const reader = await ports.inbox.open(partition, term).catch(() => null);
          return {
            start: (deliver, restarted) => reader?.start(deliver, restarted, () => {}),
            close: async () => reader?.close(),
          };
        },
      }),
      store: withOwn<Store>(ports.store, {
        read: async (bucket, key) => {
          const stored = await ports.store.read(bucket, key);
          const term = terms.get(NAMES.keys.schedule.parse(key)?.partition ?? "");
          if (stored === null || bucket !== "state" || term === undefined) return stored;
          const state = JSON.parse(decoder.decode(stored.value)) as StateRecord;
          const own = { ...state, term: Math.min(state.term, term) };
          return { ...stored, value: encoder.encode(JSON.stringify(own)) };
        },
      }),
    };
  },
} satisfies Readonly<Record<string, Plant>>;
