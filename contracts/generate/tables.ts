/*
 * The generated modules that are tables: validators by name with their types, error codes, configuration.
 */
import { readFileSync } from "node:fs";
import { type ConfigRow, replacedOf, rowsOf } from "./config-rows.ts";
import { entriesOf, type SchemaFile } from "./schema-set.ts";

const HEAD = "// Generated from schemas/ by contracts/generate; do not edit.";

/** `validators.d.ts`: what the compiled code exports. */
export const validatorTypes = (files: readonly SchemaFile[]): string =>
  [
    HEAD,
    'import type { CompiledValidator } from "../fault.ts";',
    "",
    ...entriesOf(files).map(({ title }) => `export declare const ${title}: CompiledValidator;`),
    "",
  ].join("\n");

/** `validate.ts`: validators and guards under typed names. */
export const validateTable = (
  files: readonly SchemaFile[],
  expected: ReadonlyMap<string, string>,
): string => {
  const entries = entriesOf(files);
  return [
    HEAD,
    'import { type CompiledValidator, type Fault, faultsOf } from "../fault.ts";',
    'import type * as Shape from "./types.ts";',
    'import * as compiled from "./validators.js";',
    "",
    "/** What patterns mean, in words. */",
    `const EXPECTED: Readonly<Record<string, string>> = ${JSON.stringify(Object.fromEntries(expected), null, 2)};`,
    "",
    "const faults =",
    "  (check: CompiledValidator) =>",
    "  (value: unknown): Fault[] =>",
    "    faultsOf(check, value, EXPECTED);",
    "",
    "/** Faults of a value against a schema; none: it fits. */",
    "export const validate = {",
    ...entries.map(({ key, title }) => `  ${key}: faults(compiled.${title}),`),
    "} as const;",
    "",
    ...entries.map(
      ({ title }) =>
        `export const is${title} = (value: unknown): value is Shape.${title} => compiled.${title}(value);`,
    ),
    "",
  ].join("\n");
};

interface ErrorRow {
  readonly code: string;
  readonly status: number;
  readonly retryable: boolean;
  readonly description: string;
  readonly help: string;
}

/** `errors.ts`: the codes as a union, and what each means. */
export const errorTable = (source: URL): string => {
  const rows: readonly ErrorRow[] = JSON.parse(readFileSync(source, "utf8"));
  const lines = rows.map(({ code, ...rest }) => `  ${code}: ${JSON.stringify(rest)},`);
  return [
    HEAD,
    "",
    "/** What a code means: HTTP-like status, whether the same command may succeed later, text for people. */",
    "export interface ErrorMeaning {",
    "  readonly status: number;",
    "  readonly retryable: boolean;",
    "  readonly description: string;",
    "  readonly help: string;",
    "}",
    "",
    "export const ERRORS = {",
    ...lines,
    "} as const satisfies Readonly<Record<string, ErrorMeaning>>;",
    "",
    "/** The API of every refusal. */",
    "export type ErrorCode = keyof typeof ERRORS;",
    "",
  ].join("\n");
};

/** `config.ts`: the environment variables in the order of their groups. */
export const configTable = (files: readonly SchemaFile[]): string => {
  const line = (row: ConfigRow): string => `  ${JSON.stringify(row)},`;
  return [
    HEAD,
    'import type { Configuration } from "./types.ts";',
    "",
    "/** One environment variable. */",
    "export interface ConfigVariable {",
    "  readonly name: keyof Configuration;",
    "  readonly group: string;",
    '  readonly type: "string" | "number" | "integer";',
    "  readonly description: string;",
    "  /** Null: unset, or worked out as `defaultText` says. */",
    "  readonly default: string | number | null;",
    "  readonly defaultText: string;",
    "  readonly minimum: number | null;",
    "  readonly maximum: number | null;",
    "  readonly values: readonly string[] | null;",
    "  /** What is masked wherever the value is shown: nothing, the whole, or the user part of its urls. */",
    '  readonly secret: "none" | "whole" | "url";',
    "}",
    "",
    "export const CONFIG_VARIABLES: readonly ConfigVariable[] = [",
    ...rowsOf(files).map(line),
    "];",
    "",
    "/** Variables of the systems that Carillon replaces, and what replaced each. */",
    `export const REPLACED_VARIABLES: Readonly<Record<string, string>> = ${JSON.stringify(replacedOf(files), null, 2)};`,
    "",
  ].join("\n");
};
