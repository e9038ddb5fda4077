/** The signal for operators that goes with an event, where there is one. */

import type { Announcement, DefinitionRecord, ExecutionEventData } from "@carillon/contracts";
import { parseInstant } from "../domain/instant.ts";
import type { Signal } from "./signals.ts";

export function signalOf(record: DefinitionRecord, { entity, what, data }: Announcement): Signal | null {
  if (entity !== "execution") return null;
  const {
    executionId = "",
    attempt = 1,
    reason = "",
    count = 1,
    retryAt,
  } = data as Partial<ExecutionEventData>;
  const about = { where: record, scheduleType: record.effective.trigger.type, reason };
  switch (what) {
    case "missed":
      return { kind: "execution.missed", ...about, count };
    case "skipped":
    case "cancelled":
      return { kind: "execution.skipped", ...about, count };
    case "retrying":
      return {
        kind: "execution.retrying",
        ...about,
        executionId,
        attempt,
        retryAt: parseInstant(retryAt ?? "") ?? 0,
      };
    case "failed":
      return { kind: "execution.failed", ...about, executionId, attempt };
    default:
      return null;
  }
}
