/**
 * One event as the demo passes it on: typed by its entity, with the place that its subject names. Events arrive
 * as core messages, where a repeat after a crash is possible; whoever listens has seen each id once.
 */

import type {
  CloudEvent,
  CommandRejectedData,
  ExecutionEventData,
  ScheduleEventData,
} from "@carillon/contracts";

export type News = { readonly what: string; readonly scheduleId: string } & (
  | { readonly entity: "schedule"; readonly event: CloudEvent<ScheduleEventData> }
  | { readonly entity: "execution"; readonly event: CloudEvent<ExecutionEventData> }
  | { readonly entity: "command"; readonly event: CloudEvent<CommandRejectedData> }
);
