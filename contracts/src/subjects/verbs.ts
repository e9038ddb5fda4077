/*
 * The verbs of the subject grammar: those that change something, on both families, and those that only ask.
 */

export const WRITE_VERBS = ["create", "apply", "update", "delete", "pause", "resume", "trigger"] as const;
export const READ_VERBS = ["get", "preview"] as const;

export type WriteVerb = (typeof WRITE_VERBS)[number];
export type ReadVerb = (typeof READ_VERBS)[number];

export const isWriteVerb = (text: string | null): text is WriteVerb =>
  WRITE_VERBS.some((verb) => verb === text);
export const isReadVerb = (text: string | null): text is ReadVerb => READ_VERBS.some((verb) => verb === text);
