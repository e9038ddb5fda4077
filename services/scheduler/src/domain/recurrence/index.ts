/*
 * When: every trigger as a recurrence. Pure and synchronous; a trigger that is refused is a value with a code.
 */
export type { EpochMs } from "../instant.ts";
export { clockChanges, HORIZON_MS } from "./clock-changes.ts";
export { type Compiled, compile } from "./compile.ts";
export { describe } from "./describe.ts";
export type { TriggerFault } from "./fault.ts";
export { isSpent, preview, type Recurrence, type Tally } from "./recurrence.ts";
export { type Acceptance, type Resolved, resolve } from "./resolve.ts";
