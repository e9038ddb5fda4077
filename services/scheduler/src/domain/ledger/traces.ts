/** What is left of each execution in the streams: its events and its commands. */

import type { EpochMs } from "../instant.ts";
import type { Sent, Told } from "./told.ts";

export interface Trace {
  readonly executionId: string;
  readonly nominalAt: EpochMs;
  readonly manual: boolean;
  /** Distinct by id. */
  readonly finals: Told[];
  /** Of attempts that were not the last word. */
  readonly interim: Told[];
  readonly sent: Sent[];
}

export interface Traces {
  readonly byExecution: ReadonlyMap<string, Trace>;
  /** Final events of several occurrences each, by their first. */
  readonly ranges: readonly Told[];
}

/** `told` distinct by id, `sent` by place. */
export function tracesOf(told: Iterable<Told>, sent: Iterable<Sent>): Traces {
  const byExecution = new Map<string, Trace>();
  const ranges: Told[] = [];
  const traceOf = (executionId: string, of: { nominalAt: EpochMs; manual: boolean }): Trace => {
    const known = byExecution.get(executionId);
    if (known !== undefined) return known;
    const { nominalAt, manual } = of;
    const trace: Trace = { executionId, nominalAt, manual, finals: [], interim: [], sent: [] };
    byExecution.set(executionId, trace);
    return trace;
  };
  for (const event of told) {
    if (event.executionId !== null) {
      const { finals, interim } = traceOf(event.executionId, { ...event, nominalAt: event.firstAt });
      (event.final ? finals : interim).push(event);
    } else if (event.final) ranges.push(event);
  }
  for (const command of sent) traceOf(command.executionId, command).sent.push(command);
  return { byExecution, ranges: ranges.sort((one, two) => one.firstAt - two.firstAt) };
}
