/*
 * What Carillon and its clients speak: types, validators, error codes, subjects and ids. Pure, with no
 * dependency; shapes come from schemas/ and are generated.
 */
import type { CloudEventEnvelope, ScheduleDefinition } from "./generated/types.ts";

export * from "./account.ts";
export { dateTime as isDateTime } from "./date-time.ts";
export * from "./error-body.ts";
export { type CompiledValidator, FAULTS_MAX, type Fault, faultsOf, pointerToken } from "./fault.ts";
export * from "./generated/config.ts";
export * from "./generated/errors.ts";
export type * from "./generated/types.ts";
export * from "./generated/validate.ts";
export { instantText } from "./instant-text.ts";
export * from "./json.ts";
export * from "./subjects/index.ts";
export { wholeText } from "./whole-text.ts";

/** An event whose data is `Data`. */
export type CloudEvent<Data = unknown> = Omit<CloudEventEnvelope, "data"> & { readonly data: Data };

/** Body of `update`: a field given replaces it whole, null removes it. */
export type DefinitionPatch = {
  readonly [Field in keyof ScheduleDefinition]?: ScheduleDefinition[Field] | null;
};
