/**
 * Declares the streams and buckets, idempotently and from several workers at once. What exists is never changed,
 * only compared, except that the stream of captured targets gains subjects. Whatever makes Carillon incorrect is
 * collected into one `TopologyFault` with a line and the ways out for each.
 */

import { containsPattern, type Names, overlaps } from "@carillon/contracts";
import type { StreamInfo } from "@nats-io/jetstream";
import type { Tell } from "../../app/signals.ts";
import type { AckInbox } from "./ack-inbox.ts";
import { ApiCode } from "./api-codes.ts";
import { type CapturePlan, planCaptures } from "./captures.ts";
import { checkInstallation, compareInstallation, type Installation } from "./installation.ts";
import { ApiRefusal, type JsApi } from "./js-api.ts";
import { compareStream } from "./stream-difference.ts";
import { streamInfo } from "./stream-questions.ts";
import {
  DUPLICATE_WINDOW_NANOS,
  type StreamSettings,
  type StreamSpec,
  streamSpecs,
  targetsSpec,
} from "./streams.ts";

/** The process ends with exit code 78 and these lines. */
export class TopologyFault extends Error {
  override name = "TopologyFault";
  readonly faults: readonly string[];
  constructor(faults: readonly string[]) {
    super(faults.join("\n"));
    this.faults = faults;
  }
}

export type TopologySettings = StreamSettings & {
  leases: Installation["leases"];
  /** Patterns with `capture: true`, of all tenants. */
  captures: readonly string[];
};

type Deps = { api: JsApi; inbox: AckInbox; names: Names; tell: Tell };

const NANOS_PER_MS = 1_000_000;
/** Streams that somebody makes or changes meanwhile are looked at again so often. */
const ATTEMPTS_MAX = 5;

/** Everything that must be there before a worker may take a partition. Throws TopologyFault. */
export async function declareTopology(deps: Deps, settings: TopologySettings): Promise<void> {
  const existing = await listStreams(deps.api);
  const overlapped = intruders(deps.names, existing, settings.commandsFrom);
  if (overlapped.length > 0) throw new TopologyFault(overlapped);
  await assertSameInstallation(deps, existing, settings);
  const specs = streamSpecs(deps.names, settings);
  const differences = await Promise.all(specs.map((spec) => declareStream(deps, spec)));
  const faults = differences.flatMap(({ faults }) => faults);
  if (faults.length > 0) throw new TopologyFault(faults);
  const installed = await checkInstallation(deps, settings);
  if (installed.length > 0) throw new TopologyFault(installed);
  await captureTargets(deps, settings);
}

/** Before the streams are compared, since those of an installation that differs differ for that reason. */
async function assertSameInstallation(
  deps: Deps,
  existing: readonly StreamInfo[],
  wanted: Installation,
): Promise<void> {
  const { keys, buckets } = deps.names;
  const [state, schedules] = [buckets.state, buckets.schedules].map((bucket) =>
    existing.find(({ config }) => config.name === keys.stream(bucket)),
  );
  const halves = missingHalf(deps.names, state, schedules);
  if (halves.length > 0) throw new TopologyFault(halves);
  if (state === undefined) return;
  const faults = await compareInstallation(deps, wanted);
  if (faults.length > 0) throw new TopologyFault(faults);
}

/** One bucket without the other is no beginning: an empty one in its place would pass for "no schedules". */
function missingHalf(
  names: Names,
  state: StreamInfo | undefined,
  schedules: StreamInfo | undefined,
): string[] {
  const isUsed = (bucket: StreamInfo | undefined): boolean => (bucket?.state.last_seq ?? 0) > 0;
  const lost = (missing: string, other: string): string =>
    `${missing} is gone or empty, though ${other} is there: restore ${missing} from a backup, or delete ${other} to begin without any schedule`;
  const [stateStream, schedulesStream] = [names.buckets.state, names.buckets.schedules].map(
    names.keys.stream,
  );
  if (isUsed(schedules) && !isUsed(state)) return [lost(`${stateStream}`, `${schedulesStream}`)];
  if (isUsed(state) && schedules === undefined) return [lost(`${schedulesStream}`, `${stateStream}`)];
  return [];
}

/** Gives every captured pattern a stream; also after the tenants file changed. Throws TopologyFault, and then nothing has changed. */
export async function captureTargets(
  deps: Deps,
  { captures, replicas }: { captures: readonly string[]; replicas: number },
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const streams = await listStreams(deps.api);
    const ours = streams.find(({ config }) => config.name === deps.names.streams.targets);
    const plan = plans(deps.names, streams, { captures, held: ours?.config.subjects ?? [] });
    if (plan.faults.length > 0) throw new TopologyFault(plan.faults);
    try {
      await holdTargets(deps, plan, { ours, replicas });
    } catch (error) {
      // Another worker may be at the same file: look again at what it made.
      if (error instanceof ApiRefusal && attempt < ATTEMPTS_MAX) continue;
      throw error instanceof ApiRefusal ? new TopologyFault([error.message]) : error;
    }
    for (const message of plan.warnings) deps.tell({ kind: "warning", message });
    return;
  }
}

async function holdTargets(
  { api, names }: Deps,
  plan: CapturePlan,
  { ours, replicas }: { ours: StreamInfo | undefined; replicas: number },
): Promise<void> {
  if (plan.subjects.length === 0) return;
  if (ours === undefined) {
    const spec = targetsSpec(names, plan.subjects, replicas);
    await api.ask(`STREAM.CREATE.${spec.name}`, spec);
    return;
  }
  const held = ours.config.subjects;
  if (plan.subjects.every((subject) => held.includes(subject))) return;
  await api.ask(`STREAM.UPDATE.${ours.config.name}`, { ...ours.config, subjects: plan.subjects });
}

function plans(
  names: Names,
  streams: readonly StreamInfo[],
  { captures, held }: { captures: readonly string[]; held: readonly string[] },
): CapturePlan {
  const own = ownStreams(names);
  const existing = streams
    .filter(({ config }) => !own.has(config.name))
    .map(({ config }) => ({
      name: config.name,
      subjects: config.subjects ?? [],
      duplicateWindowMs: config.duplicate_window / NANOS_PER_MS,
      workQueue: config.retention === "workqueue",
    }));
  return planCaptures({
    patterns: captures,
    existing,
    held,
    windowMs: DUPLICATE_WINDOW_NANOS / NANOS_PER_MS,
  });
}

/** Creates the stream, or compares the one that is there. */
async function declareStream({ api, tell }: Deps, spec: StreamSpec): Promise<{ faults: string[] }> {
  for (let attempt = 1; ; attempt++) {
    const found = await streamInfo(api, spec.name);
    if (found !== null) {
      const { faults, warnings } = compareStream(spec, found.config);
      for (const message of warnings) tell({ kind: "warning", message });
      return {
        faults: faults.map((fault) => `${fault}; change it back, or remove the stream and start anew`),
      };
    }
    try {
      await api.ask(`STREAM.CREATE.${spec.name}`, spec);
      return { faults: [] };
    } catch (error) {
      if (!(error instanceof ApiRefusal)) throw error;
      const raced = error.apiCode === ApiCode.streamNameInUse && attempt < ATTEMPTS_MAX;
      if (!raced) return { faults: [`${spec.name} cannot be made: ${error.message}`] };
    }
  }
}

/** Streams of others over the subjects that are Carillon's alone. */
function intruders(names: Names, streams: readonly StreamInfo[], commandsFrom: string | null): string[] {
  const own = ownStreams(names);
  const reserved = [names.allCommands, names.executionEvents, ...names.auditEvents, names.deadLetter.pattern];
  const faults = streams.flatMap(({ config }) => {
    if (own.has(config.name)) return [];
    const isSource = config.name === commandsFrom;
    const hits = (config.subjects ?? []).filter((subject) =>
      reserved.some((pattern) => overlaps(subject, pattern) && !(isSource && pattern === names.allCommands)),
    );
    return hits.length === 0 ? [] : [intrusion(names, config.name, hits)];
  });
  if (commandsFrom !== null) faults.push(...sourceFaults(names, streams, commandsFrom));
  return faults;
}

function intrusion(names: Names, stream: string, subjects: readonly string[]): string {
  const command = subjects.some((subject) => overlaps(subject, names.allCommands));
  const ways = command ? `, or set SCHEDULER_COMMANDS_FROM=${stream} so that the inbox sources from it` : "";
  return `stream ${stream} captures ${subjects.join(", ")}, which overlaps subjects of this scheduler; narrow its subjects${ways}`;
}

function sourceFaults(names: Names, streams: readonly StreamInfo[], commandsFrom: string): string[] {
  const source = streams.find(({ config }) => config.name === commandsFrom);
  if (source === undefined)
    return [`SCHEDULER_COMMANDS_FROM names stream ${commandsFrom}, which does not exist`];
  const captures = source.config.subjects.some((subject) => containsPattern(subject, names.allCommands));
  if (captures) return [];
  return [
    `SCHEDULER_COMMANDS_FROM names stream ${commandsFrom}, which does not capture all of ${names.allCommands}`,
  ];
}

function ownStreams({ streams, buckets, keys }: Names): ReadonlySet<string> {
  return new Set([...Object.values(streams), ...Object.values(buckets).map((bucket) => keys.stream(bucket))]);
}

async function listStreams(api: JsApi): Promise<StreamInfo[]> {
  const found: StreamInfo[] = [];
  for (;;) {
    const page = await api.ask<{ streams: StreamInfo[] | null; total: number }>("STREAM.LIST", {
      offset: found.length,
    });
    found.push(...(page.streams ?? []));
    if ((page.streams ?? []).length === 0 || found.length >= page.total) return found;
  }
}
