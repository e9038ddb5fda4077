/*
 * The verbs of the subject grammar: those that change something, on both families, and those that only ask. A verb is about one
 * schedule, whose id follows in the subject, or about the whole tenant, where nothing follows; `preview` and `verify`
 * may be either.
 */

export const WRITE_VERBS = ["create", "apply", "update", "delete", "pause", "resume", "trigger"] as const;
export const READ_VERBS = ["get", "preview", "verify", "list", "status"] as const;

export const SCHEDULE_VERBS = [...WRITE_VERBS, "get", "preview", "verify"] as const;
export const TENANT_VERBS = ["preview", "verify", "list", "status"] as const;

export type WriteVerb = (typeof WRITE_VERBS)[number];
export type ReadVerb = (typeof READ_VERBS)[number];
export type ScheduleVerb = (typeof SCHEDULE_VERBS)[number];
export type TenantVerb = (typeof TENANT_VERBS)[number];

const oneOf =
  <Verb extends string>(verbs: readonly Verb[]) =>
  (text: string | null | undefined): text is Verb =>
    verbs.some((verb) => verb === text);

export const isWriteVerb = oneOf(WRITE_VERBS);
export const isReadVerb = oneOf(READ_VERBS);
export const isScheduleVerb = oneOf(SCHEDULE_VERBS);
export const isTenantVerb = oneOf(TENANT_VERBS);
