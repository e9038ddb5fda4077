/** What an owner that stalled may not do, and what it must, besides what the laws of every simulation say. */

import { FIRE_HEADERS, partitionOf } from "@carillon/contracts";
import type { TermWrite } from "../sim/history.ts";
import { stepsOf } from "../sim/laws/decisions.ts";
import { violations } from "../sim/laws/index.ts";
import type { Law } from "../sim/laws/law.ts";
import { check } from "../sim/laws/law.ts";
import { NAMES, SCENARIO, STALL_MS } from "./scene.ts";
import { type Run, SENT_BY } from "./stalled-run.ts";

const OWNER = `${NAMES.owner}-1`;

/** A term of the owner's that somebody else's followed while it stalled. */
export interface Overtaking {
  readonly own: TermWrite;
  readonly next: TermWrite;
}

export function overtakings({ history, stalledMs }: Run): Overtaking[] {
  const raised = history.terms.filter((term, n, all) => all.findIndex((one) => same(one, term)) === n);
  return raised.flatMap((next) => {
    const own = raised.find(
      ({ partition, record }) => partition === next.partition && record.term === next.record.term - 1,
    );
    const meanwhile = next.atMs > stalledMs && next.atMs <= stalledMs + STALL_MS;
    return own !== undefined && own.record.worker === OWNER && next.record.worker !== OWNER && meanwhile
      ? [{ own, next }]
      : [];
  });
}

const same = (one: TermWrite, other: TermWrite): boolean =>
  one.partition === other.partition && one.record.term === other.record.term;

/**
 * What a stream has of a worker whose term was over had been promised before the next term began, whose owner therefore has loaded that
 * promise, and pays it too.
 */
const silent = (run: Run): Law =>
  function* (history) {
    const firstClaimed = new Map<string, number>();
    for (const [key, steps] of stepsOf(history)) {
      const tenant = key.split(".")[1];
      for (const { write, dispatches } of steps)
        for (const { executionId, attempt } of dispatches)
          if (!firstClaimed.has(`${tenant}.${executionId}.${attempt}`))
            firstClaimed.set(`${tenant}.${executionId}.${attempt}`, write.atMs);
    }
    for (const { own, next } of overtakings(run)) {
      for (const { id, atMs, headers } of history.targets) {
        const tenant = headers[FIRE_HEADERS.tenant] ?? "";
        const partition = partitionOf(tenant, headers[FIRE_HEADERS.scheduleId] ?? "", SCENARIO.partitions);
        if (headers[SENT_BY] !== OWNER || String(partition) !== own.partition) continue;
        const after = history.terms.some(
          ({ partition: of, record, atMs: at }) =>
            of === own.partition && record.worker === OWNER && at > next.atMs && at <= atMs,
        );
        if (atMs >= next.atMs && !after && (firstClaimed.get(id ?? "") ?? Infinity) >= next.atMs)
          yield `${id} was sent under term ${own.record.term}, and claimed after term ${next.record.term} began`;
      }
    }
  };

/** It counts each partition that it was fenced from. */
const counting = (run: Run): Law =>
  function* ({ told }) {
    const counted = told.filter(
      ({ worker, signal }) =>
        worker === OWNER && signal.kind === "lease.failed" && signal.reason === "fenced",
    ).length;
    const partitions = new Set(overtakings(run).map(({ own }) => own.partition)).size;
    if (counted < partitions) yield `fenced from ${partitions} partitions, and counted ${counted}`;
  };

/** The process lives on, and owns again what is wanted of it. */
const living = ({ owned }: Run): Law =>
  function* () {
    if (owned !== 1) yield `it holds ${owned} partitions at the end`;
  };

export function brokenBy(run: Run): string[] {
  const { history } = run;
  const own = {
    "nothing unclaimed is sent after the term": silent(run),
    "a fenced owner counts it": counting(run),
    "and lives on": living(run),
  };
  return [...violations(history), ...check(own, history)].map(({ law, what }) => `${law}: ${what}`);
}

/** State writes of the owner that were stored after the next term had begun: its owner has to adopt them. */
export function adopted(run: Run): number {
  return overtakings(run).flatMap(({ own, next }) =>
    run.history.states.filter(
      ({ key, state, atMs }) =>
        state?.term === own.record.term && key.startsWith(`${own.partition}.`) && atMs >= next.atMs,
    ),
  ).length;
}
