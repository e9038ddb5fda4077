/*
 * A small typed client over a NATS connection: `createClient(nc).create("daily", {…})`.
 */
export { CarillonError } from "./carillon-error.ts";
export * from "./client.ts";
export type { ClientOptions } from "./context.ts";
export type {
  CommandEvent,
  Entity,
  EventOf,
  EventOptions,
  ExecutionEvent,
  ScheduleEvent,
} from "./events.ts";
export type { Stored } from "./pub-ack.ts";
export type {
  FullListFilters,
  ListFilters,
  Page,
  PreviewOptions,
  Questions,
} from "./questions.ts";
export type { Verbs } from "./verbs.ts";
export type { Interval, Verified } from "./verification.ts";
