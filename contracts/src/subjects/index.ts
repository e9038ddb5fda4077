/*
 * The one place where subjects, keys and ids are built and parsed.
 */
export * from "./form.ts";
export * from "./grammar.ts";
export * from "./headers.ts";
export * from "./ids.ts";
export * from "./names.ts";
export * from "./partition.ts";
export * from "./verbs.ts";
