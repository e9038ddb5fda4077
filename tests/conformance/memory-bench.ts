/** Benches of the server in memory, on virtual time: with leases of its own, and with leases elsewhere. */

import { memoryPorts } from "../../services/testing/src/ports/index.ts";
import { LeaseTable } from "../../services/testing/src/server/lease-table.ts";
import { MemoryServer } from "../../services/testing/src/server/memory-server.ts";
import type { MemoryStream } from "../../services/testing/src/server/stream.ts";
import { VirtualClock } from "../../services/testing/src/virtual-clock.ts";
import { VirtualTime } from "../../services/testing/src/virtual-time.ts";
import { type Fate, Wire } from "../../services/testing/src/wire.ts";
import { type Bench, WINDOW_MS, type Worker } from "./bench.ts";

const EPOCH_AT = Date.parse("2026-01-01T00:00:00Z");
/** What takes time is looked at so often. */
const STEP_MS = 10;
/** What has not come after so long never will. */
const WAIT_MS_MAX = 600_000;

export async function memoryBench({ partitions }: { partitions: number }): Promise<Bench> {
  return benchOf(partitions, () => null);
}

/** With leases that are not on the server. */
export async function elsewhereBench({ partitions }: { partitions: number }): Promise<Bench> {
  return benchOf(partitions, (time) => new LeaseTable(time));
}

function benchOf(partitions: number, elsewhere: (time: VirtualTime) => LeaseTable | null): Bench {
  const time = new VirtualTime();
  const server = new MemoryServer({ time, epochAt: EPOCH_AT, partitions });
  const leases = elsewhere(time);
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
    worker: async () => workerOn(time, server, leases, `w${workers++}`),
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

function workerOn(
  time: VirtualTime,
  server: MemoryServer,
  leases: LeaseTable | null,
  process: string,
): Worker {
  const clock = new VirtualClock(time, EPOCH_AT);
  let deaf = false;
  const fate: Fate = () => ({ outMs: 0, backMs: 0, ...(deaf ? { lost: "answer" } : {}) });
  const wire = new Wire({ time, clock, fate });
  const ports = { server, wire, clock, tell: () => {}, process };
  const wires = [wire];
  if (leases !== null) wires.push(new Wire({ time, clock, fate }));
  const [, leaseWire] = wires;
  const home =
    leases === null || leaseWire === undefined
      ? {}
      : { leases: { backend: "redis" as const, table: leases, wire: leaseWire } };
  return {
    ports: memoryPorts({ ...ports, ...home }),
    cut: async () => {
      for (const each of wires) each.drop();
    },
    mend: async () => {
      deaf = false;
      for (const each of wires) each.reconnect();
    },
    deafen: () => {
      deaf = true;
    },
  };
}
