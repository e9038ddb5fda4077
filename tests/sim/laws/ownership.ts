/** Of the partitions: one trusted term each at a time, and once all faults are over, the wanted owner and no gap. */

import { wantedFor } from "../../../services/scheduler/src/domain/rendezvous.ts";
import type { TermWrite } from "../history.ts";
import { idOf, stepsOf } from "./decisions.ts";
import { grouped, type Law } from "./law.ts";

/** A partition that is handed on by plan has no owner for so long at most. */
const GAP_MS_MAX = 700;

/** Terms count up, and each belongs to one worker. */
export const termsRise: Law = function* ({ terms }) {
  for (const [partition, writes] of grouped(terms, (write) => write.partition)) {
    let last: TermWrite["record"] | null = null;
    for (const { record } of writes) {
      const again = last !== null && record.term === last.term && record.worker === last.worker;
      if (!again && record.term <= (last?.term ?? 0))
        yield `partition ${partition}: term ${record.term} of ${record.worker} after term ${last?.term} of ${last?.worker}`;
      last = record;
    }
  }
};

/** Nothing is written for a term that nobody has begun. */
export const termsBegun: Law = function* (history) {
  const begun = new Set(history.terms.map(({ partition, record }) => `${partition} ${record.term}`));
  for (const [key, steps] of stepsOf(history)) {
    for (const { write } of steps)
      if (!begun.has(`${partitionIn(key)} ${write.state.term}`))
        yield `${key}: term ${write.state.term} wrote and never began`;
  }
};

/** While no lease is lost, no two workers speak for one partition at a time. */
export const oneSpeaker: Law = function* ({ rivalries, scenario: { faults } }) {
  if (faults.flush > 0 || faults.failover > 0 || faults.usurp > 0) return;
  for (const { atMs, key, workers } of rivalries)
    yield `${key} was written at ${atMs} ms while ${workers.join(" and ")} spoke for it`;
};

/** What an older term claimed after a newer one began, the newer one takes over, or it was settled meanwhile. */
export const adopted: Law = function* (history) {
  const told = new Set(history.executions.map(({ data }) => executionIn(String(data))));
  for (const steps of stepsOf(history).values()) {
    for (const [index, { key, dispatches, write }] of steps.entries()) {
      const next = steps[index + 1];
      if (next?.before == null || next.write.state.term === write.state.term) continue;
      for (const { executionId } of dispatches) {
        const owed = next.write.state.owed.some(
          (one) => one.kind === "dispatch" && one.executionId === executionId,
        );
        if (!owed && !told.has(executionId))
          yield `${key}: ${executionId} of term ${write.state.term} was dropped by term ${next.write.state.term}`;
      }
    }
  }
};

const executionIn = (event: string): unknown =>
  (JSON.parse(event) as { data: { executionId?: string } }).data.executionId;

/** Once all faults are over: every partition has its wanted owner, and all workers agree who holds what. */
export const wantedOwners: Law = function* ({ shown, looks, scenario: { partitions } }) {
  const workers = shown.map(({ worker }) => worker);
  const speakers = looks.at(-1)?.speakers ?? [];
  for (let partition = 0; partition < partitions; partition++) {
    const wanted = wantedFor(partition, workers);
    const held = (speakers[partition] ?? []).join();
    if (held !== wanted)
      yield `partition ${partition} is held by ${held || "nobody"}, and ${wanted} is wanted`;
  }
  for (const { worker, gauges } of shown) {
    const mine = speakers.filter((names) => names.includes(worker)).length;
    const role = mine > 0 ? "active" : "standby";
    if (gauges.role !== role) yield `${worker} holds ${mine} and is ${gauges.role}`;
    if (gauges.partitionsUnowned > 0)
      yield `${worker} knows no owner of ${gauges.partitionsUnowned} partitions`;
    if (gauges.differences.length > 0) yield `${worker} finds others different`;
  }
};

/** Once all faults are over, a handover is short, and nobody takes part in it who is not meant to. */
export const smoothHandovers: Law = function* (history) {
  const { looks, scenario, told, settledMs, endMs } = history;
  for (let partition = 0; partition < scenario.partitions; partition++) {
    let lastMs = settledMs;
    for (const { atMs, speakers } of looks) {
      const names = speakers[partition] ?? [];
      if (names.length > 1) yield `partition ${partition} has ${names.join(" and ")} at ${atMs} ms`;
      if (names.length > 0) lastMs = atMs;
      else if (atMs - lastMs > GAP_MS_MAX) yield `partition ${partition} has no owner at ${atMs} ms`;
    }
  }
  for (const { worker, atMs, signal } of told) {
    if (atMs < settledMs || atMs > endMs) continue;
    if (signal.kind === "lease.lost" || signal.kind === "lease.failed")
      yield `${worker} at ${atMs} ms: ${signal.kind}: ${signal.reason}`;
  }
};

/** What is decided while a partition is handed on may be left to the next owner; what was decided longer before it may not. */
const DECIDED_MS = 500;

/** Once all faults are over, a term that begins finds nothing owed by the one before, and nothing is owed when all have ended. */
export const nothingOwed: Law = function* (history) {
  const { terms, settledMs, endMs } = history;
  const last = { partition: null, atMs: endMs, order: Number.POSITIVE_INFINITY, what: "all workers ended" };
  const first = new Map(
    terms.toReversed().map((write) => [`${write.partition} ${write.record.term}`, write]),
  );
  const begun = [...first.values()]
    .filter(({ atMs }) => atMs > settledMs && atMs < endMs)
    .map(({ partition, atMs, order, record }) => ({
      partition,
      atMs,
      order,
      what: `term ${record.term} began`,
    }));
  for (const { partition, atMs, order, what } of [...begun, last]) {
    for (const [key, writes] of grouped(history.states, (write) => write.key)) {
      if (partition !== null && partitionIn(key) !== partition) continue;
      // What was purged owes nothing.
      const write = writes.findLast((one) => one.order < order);
      const owed = write?.state?.owed ?? [];
      if (write !== undefined && owed.length > 0 && write.atMs < atMs - DECIDED_MS)
        yield `${key} owed ${owed.map(idOf).join()} when ${what}`;
    }
  }
};

const partitionIn = (key: string): string => key.slice(0, key.indexOf("."));
