import { names as namesOf } from "@carillon/contracts";
import type { StreamInfo } from "@nats-io/jetstream";
import { describe, expect, it } from "vitest";
import { compareStream } from "./stream-difference.ts";
import { type StreamSpec, streamSpecs } from "./streams.ts";

const settings = {
  partitions: 32,
  replicas: 1,
  executionRetentionDays: 30,
  auditRetentionDays: 400,
  eventsMaxBytes: null,
  commandsFrom: null,
};

function specOf(name: string): StreamSpec {
  const found = streamSpecs(namesOf(), settings).find((spec) => spec.name === name);
  if (found === undefined) throw new Error(name);
  return found;
}
/** The stream as a server would give it back, with `changes`. */
function actual(spec: StreamSpec, changes: Record<string, unknown>): StreamInfo["config"] {
  return { max_msgs_per_subject: -1, max_age: 0, max_bytes: -1, ...spec, ...changes } as StreamInfo["config"];
}
const compare = (name: string, changes: Record<string, unknown>) =>
  compareStream(specOf(name), actual(specOf(name), changes));

describe("compareStream", () => {
  it.each(streamSpecs(namesOf(), settings).map(({ name }) => name))(
    "finds nothing in %s as it was made",
    (name) => {
      expect(compare(name, {})).toEqual({ faults: [], warnings: [] });
    },
  );

  it.each([
    ["SCHEDULER_COMMANDS", "subjects", { subjects: ["cmd.scheduler.a.>"] }],
    ["SCHEDULER_COMMANDS", "partitions", { subject_transform: namesOf().inboxTransform(16) }],
    ["SCHEDULER_COMMANDS", "retention", { retention: "limits" }],
    ["SCHEDULER_COMMANDS", "discard", { discard: "old" }],
    ["SCHEDULER_COMMANDS", "confirmation", { no_ack: true }],
    ["SCHEDULER_COMMANDS", "sources", { sources: [{ name: "OTHER" }] }],
    ["SCHEDULER_EXECUTIONS", "window", { duplicate_window: 120e9 }],
    ["KV_scheduler_schedules", "history", { max_msgs_per_subject: 5 }],
    ["KV_scheduler_state", "rollup", { allow_rollup_hdrs: false }],
    ["KV_scheduler_state", "time to live of messages", { allow_msg_ttl: false }],
    ["KV_scheduler_state", "age", { max_age: 1e9 }],
    ["KV_scheduler_state", "seal", { sealed: true }],
  ])("calls it a fault in %s: %s", (name, _, changes) => {
    const { faults, warnings } = compare(name, changes);
    expect(faults).toHaveLength(1);
    expect(faults[0]).toContain(name);
    expect(warnings.length).toBeLessThanOrEqual(1);
  });

  it.each([
    ["replicas", { num_replicas: 3 }],
    ["age", { max_age: 1e15 }],
    ["storage", { storage: "memory" }],
  ])("leaves %s to the operator, with a warning", (_, changes) => {
    const { faults, warnings } = compare("SCHEDULER_EXECUTIONS", changes);
    expect(faults).toEqual([]);
    expect(warnings).toHaveLength(1);
  });

  it("says nothing of a longer window, of placement, or of a bound on bytes that was not asked for", () => {
    const changes = { duplicate_window: 3_600e9, placement: { cluster: "c", tags: [] }, max_bytes: 1e9 };
    expect(compare("SCHEDULER_EXECUTIONS", changes)).toEqual({ faults: [], warnings: [] });
  });
});
