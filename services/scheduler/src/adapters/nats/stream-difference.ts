/**
 * Compares a stream that exists with the one that Carillon would make. A difference in a field on which correctness
 * rests is a fault; replicas, ages, sizes and placement belong to the operator and are worth a warning at most.
 */

import type { StreamConfig, StreamInfo } from "@nats-io/jetstream";
import type { StreamSpec } from "./streams.ts";

export interface Difference {
  faults: string[];
  warnings: string[];
}

type Config = StreamInfo["config"];

/** Fields that must be equal. A field that the spec leaves out is not compared. */
const MUST_MATCH = [
  "retention",
  "discard",
  "max_msgs_per_subject",
  "subject_transform",
] as const satisfies readonly (keyof StreamConfig)[];
/** Abilities that must be there; more of them does no harm. */
const MUST_HAVE = ["allow_rollup_hdrs", "allow_msg_ttl"] as const satisfies readonly (keyof StreamConfig)[];
/** Fields of the operator. */
const MAY_DIFFER = [
  "num_replicas",
  "max_age",
  "max_bytes",
  "storage",
  "allow_direct",
] as const satisfies readonly (keyof StreamConfig)[];

export function compareStream(spec: StreamSpec, actual: Config): Difference {
  const faults = [
    ...subjectFaults(spec, actual),
    ...sourceFaults(spec, actual),
    ...stateFaults(spec, actual),
  ];
  for (const field of MUST_MATCH) {
    if (spec[field] !== undefined && !same(spec[field], actual[field]))
      faults.push(differs(spec, actual, field));
  }
  for (const field of MUST_HAVE) {
    if (spec[field] === true && actual[field] !== true) faults.push(differs(spec, actual, field));
  }
  const window = spec.duplicate_window ?? 0;
  if (actual.duplicate_window < window) faults.push(differs(spec, actual, "duplicate_window"));
  const warnings = MAY_DIFFER.filter((field) => field in spec && !same(spec[field], actual[field]));
  return { faults, warnings: warnings.map((field) => differs(spec, actual, field)) };
}

/** More subjects than asked for is the operator's choice only in the stream of targets, which is never compared so. */
function subjectFaults(spec: StreamSpec, actual: Config): string[] {
  const wanted = [...(spec.subjects ?? [])].sort();
  const found = [...(actual.subjects ?? [])].sort();
  return same(wanted, found) ? [] : [`${spec.name}: subjects are ${show(found)}, not ${show(wanted)}`];
}

function sourceFaults(spec: StreamSpec, actual: Config): string[] {
  const wanted = (spec.sources ?? []).map(({ name }) => name);
  const found = (actual.sources ?? []).map(({ name }) => name);
  if (same(wanted, found) && actual.mirror === undefined) return [];
  return [`${spec.name}: sources are ${show(found)}, not ${show(wanted)}`];
}

function stateFaults(spec: StreamSpec, actual: Config): string[] {
  const faults: string[] = [];
  if (actual.sealed) faults.push(`${spec.name}: is sealed`);
  if (actual.no_ack === true)
    faults.push(`${spec.name}: has no_ack, so nothing stored in it is ever confirmed`);
  // Zero means "for ever" and is asked for only where an age would delete schedules.
  if (spec.max_age === 0 && actual.max_age !== 0)
    faults.push(`${spec.name}: has max_age, which would delete what must stay`);
  return faults;
}

function differs(spec: StreamSpec, actual: Config, field: keyof StreamConfig): string {
  return `${spec.name}: ${field} is ${show(actual[field])}, not ${show(spec[field])}`;
}

/** What the server leaves out it means as nothing: null, false, 0, empty. */
function show(value: unknown): string {
  return JSON.stringify(value ?? null);
}

function same(left: unknown, right: unknown): boolean {
  return show(left) === show(right) || (isNothing(left) && isNothing(right));
}

function isNothing(value: unknown): boolean {
  return value === undefined || value === null || value === false || value === 0 || value === -1;
}
