/*
 * A small typed client over a NATS connection: `createClient(nc).create("daily", {…})`.
 */
export { CarillonError } from "./carillon-error.ts";
export * from "./client.ts";
export type { Stored } from "./pub-ack.ts";
export type { Verbs } from "./verbs.ts";
