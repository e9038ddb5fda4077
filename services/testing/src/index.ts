/** The test kit: a scheduler to test services with. */

export type { Client } from "@carillon/contracts/client";
export { CarillonError } from "@carillon/contracts/client";
export type { Duration } from "./duration.ts";
export type { Fired } from "./fired.ts";
export { type TestScheduler, type TestSchedulerOptions, testScheduler } from "./test-scheduler.ts";
