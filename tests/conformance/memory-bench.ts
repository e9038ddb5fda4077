/** A bench of the server in memory, on virtual time. */

import { memoryPorts } from "../../services/testing/src/ports/index.ts";
import { MemoryServer } from "../../services/testing/src/server/memory-server.ts";
import type { MemoryStream } from "../../services/testing/src/server/stream.ts";
import { VirtualClock } from "../../services/testing/src/virtual-clock.ts";
import { VirtualTime } from "../../services/testing/src/virtual-time.ts";
import { Wire } from "../../services/testing/src/wire.ts";
import { type Bench, WINDOW_MS, type Worker } from "./bench.ts";

const EPOCH_AT = Date.parse("2026-01-01T00:00:00Z");
/** What takes time is looked at so often. */
const STEP_MS = 10;
/** What has not come after so long never will. */
const WAIT_MS_MAX = 600_000;

export async function memoryBench({ partitions }: { partitions: number }): Promise<Bench> {
  const time = new VirtualTime();
  const server = new MemoryServer({ time, epochAt: EPOCH_AT, partitions });
  const pass = (forMs: number): Promise<void> => time.runUntil(time.nowMs + forMs);
  const until: Bench["until"] = async (holds) => {
    const endMs = time.nowMs + WAIT_MS_MAX;
    for (await pass(0); !(await holds()); await pass(STEP_MS))
      if (time.nowMs > endMs) throw new Error(`waited ${WAIT_MS_MAX} ms in vain`);
  };
  const existing = (name: string): MemoryStream => {
    const stream = server.stream(name);
    if (stream === null) throw new Error(`no stream ${name}`);
    return stream;
  };
  let workers = 0;
  return {
    worker: async () => workerOn(time, server, `w${workers++}`),
    pass,
    until,
    done: async (answer) => {
      let settled = false;
      const over = answer.finally(() => {
        settled = true;
      });
      over.catch(() => {});
      await until(() => settled);
      return over;
    },
    addStream: async (stream) => void server.addStream({ ...stream, duplicateWindowMs: WINDOW_MS }),
    count: async (name) => existing(name).count,
    empty: async (name) => {
      const stream = existing(name);
      for (const { sequence } of [...stream.messages]) stream.remove(sequence);
    },
    fill: async (name) => {
      const stream = existing(name);
      stream.maxBytes = stream.bytes;
    },
    close: async () => {},
  };
}

function workerOn(time: VirtualTime, server: MemoryServer, process: string): Worker {
  const clock = new VirtualClock(time, EPOCH_AT);
  let deaf = false;
  const wire = new Wire({
    time,
    clock,
    fate: () => ({ outMs: 0, backMs: 0, ...(deaf ? { lost: "answer" } : {}) }),
  });
  return {
    ports: memoryPorts({ server, wire, clock, tell: () => {}, process }),
    cut: async () => wire.drop(),
    mend: async () => {
      deaf = false;
      wire.reconnect();
    },
    deafen: () => {
      deaf = true;
    },
  };
}
