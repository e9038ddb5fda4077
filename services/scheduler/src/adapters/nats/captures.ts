/**
 * Which stream captures which target. All captured patterns, reduced to those that no other contains, become the
 * subjects of one stream, except what a stream of somebody else already covers. Patterns that overlap without one
 * containing the other have no home in JetStream (a message is stored once) and are refused by name.
 */

import { containsPattern, overlaps } from "@carillon/contracts";

export interface ExistingStream {
  name: string;
  subjects: readonly string[];
  duplicateWindowMs: number;
  workQueue: boolean;
}

export interface CapturePlan {
  /** All subjects that our stream should have, the ones it has included; empty: it is not needed. */
  subjects: string[];
  warnings: string[];
  /** One line each; with any, nothing may be changed. */
  faults: string[];
}

/** `existing`: every stream of the account but Carillon's own; `held`: what our stream captures now. */
export function planCaptures(facts: {
  patterns: readonly string[];
  existing: readonly ExistingStream[];
  held: readonly string[];
  windowMs: number;
}): CapturePlan {
  const plan: CapturePlan = { subjects: [], warnings: [], faults: [] };
  const ours: string[] = [];
  for (const pattern of widest(facts.patterns)) {
    const home = homeOf(pattern, facts.existing);
    if (home.kind === "ours") ours.push(pattern);
    else if (home.kind === "fault") plan.faults.push(home.fault);
    else plan.warnings.push(...weaknesses(pattern, home.stream, facts.windowMs));
  }
  plan.faults.push(...collisions(ours));
  plan.subjects = widest([...facts.held, ...ours]);
  // What we hold already may collide with what the file says now; the file cannot take it away.
  if (plan.faults.length === 0) plan.faults.push(...collisions(plan.subjects));
  return plan;
}

/** The patterns that no other one contains, each once, in order. */
export function widest(patterns: readonly string[]): string[] {
  const distinct = [...new Set(patterns)];
  return distinct
    .filter((one) => !distinct.some((other) => other !== one && containsPattern(other, one)))
    .sort();
}

type Home = { kind: "ours" } | { kind: "theirs"; stream: ExistingStream } | { kind: "fault"; fault: string };

function homeOf(pattern: string, existing: readonly ExistingStream[]): Home {
  for (const stream of existing) {
    if (stream.subjects.some((subject) => containsPattern(subject, pattern)))
      return { kind: "theirs", stream };
  }
  for (const stream of existing) {
    const part = stream.subjects.find((subject) => overlaps(subject, pattern));
    if (part === undefined) continue;
    const fault = `capture of ${pattern}: stream ${stream.name} holds a part of it (${part}); capture only what it does not hold, widen ${stream.name} to ${pattern}, or remove ${part} from it`;
    return { kind: "fault", fault };
  }
  return { kind: "ours" };
}

function weaknesses(pattern: string, stream: ExistingStream, windowMs: number): string[] {
  const warnings: string[] = [];
  if (stream.duplicateWindowMs < windowMs) {
    const seconds = Math.round(stream.duplicateWindowMs / 1000);
    warnings.push(
      `capture of ${pattern} is left to stream ${stream.name}, which drops repeats for ${seconds} s only; raise its duplicate window to ${windowMs / 1000} s`,
    );
  }
  if (stream.workQueue) {
    warnings.push(
      `capture of ${pattern} is left to stream ${stream.name}, a work queue: it forgets what was acknowledged, so after a long outage a command may come twice`,
    );
  }
  return warnings;
}

function collisions(patterns: readonly string[]): string[] {
  return patterns.flatMap((one, index) =>
    patterns
      .slice(index + 1)
      .filter((other) => overlaps(one, other))
      .map(
        (other) =>
          `captures ${one} and ${other} overlap, and neither contains the other; capture one pattern that contains both`,
      ),
  );
}
