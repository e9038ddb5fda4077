/*
 * Compiles the titled schemas to stand-alone code: ajv writes it, esbuild folds in the few lines of ajv's
 * runtime that it needs, so that the result imports nothing. The table around it (validate.ts) gives each
 * a typed name.
 */
import { fileURLToPath } from "node:url";
import { _, Ajv2020 } from "ajv/dist/2020.js";
import standalone from "ajv/dist/standalone/index.js";
import { buildSync } from "esbuild";
import { dateTime } from "../src/date-time.ts";
import { entriesOf, resolve, type Schema, type SchemaFile } from "./schema-set.ts";

/** Words that people and other generators read; a validator does without. */
const SILENT = new Set(["$schema", "$id", "$defs", "title", "description", "default"]);

/** `validators.js`: one exported function a titled schema, named by its title. */
export const validatorCode = (files: readonly SchemaFile[]): string => {
  const ajv = new Ajv2020({
    allErrors: true,
    allowUnionTypes: true,
    discriminator: true,
    inlineRefs: false,
    strictRequired: false,
    schemas: files.flatMap(flattened),
    formats: { "date-time": dateTime },
    code: { source: true, esm: true, formats: _`require("../src/date-time.ts").formats` },
  });
  const references = Object.fromEntries(entriesOf(files).map(({ title, ref }) => [title, flatId(ref)]));
  return bundle(standalone.default(ajv, references));
};

/**
 * A file's root and each of its `$defs` as schemas of their own: ajv compiles a schema that has an id once,
 * and one that is found by a pointer once for every way to it.
 */
const flattened = ({ id, root }: SchemaFile): object[] => [
  { $id: flatId(id), ...bare(id, root) },
  ...Object.entries(root.$defs ?? {}).map(([name, schema]) => ({
    $id: flatId(`${id}#/$defs/${name}`),
    ...bare(id, schema),
  })),
];

const flatId = (ref: string): string => `carillon:${ref.replace("#/$defs/", ".")}`;

/** The schema with absolute references and without words; `file` is the one that it stands in. */
const bare = (file: string, schema: Schema): object =>
  Object.fromEntries(
    Object.entries(schema)
      .filter(([key]) => !SILENT.has(key) && !key.startsWith("x-"))
      .map(([key, value]) => [key, bareValue(file, key, value)]),
  );

const bareValue = (file: string, key: string, value: unknown): unknown => {
  if (key === "$ref") return flatId(String(value).startsWith("#") ? `${file}${value}` : String(value));
  if (key === "properties") return mapped(value, (schema) => bare(file, schema));
  if (Array.isArray(value)) return value.map((item) => (typeof item === "object" ? bare(file, item) : item));
  return typeof value === "object" && value !== null && key !== "discriminator" ? bare(file, value) : value;
};

const mapped = (value: unknown, change: (schema: Schema) => object): object =>
  Object.fromEntries(
    Object.entries(value as Readonly<Record<string, Schema>>).map(([name, schema]) => [name, change(schema)]),
  );

const bundle = (contents: string): string => {
  const result = buildSync({
    stdin: { contents, resolveDir: fileURLToPath(new URL(".", import.meta.url)) },
    // Comments in the output name files from here: fixed, so that it is the same from wherever it is run.
    absWorkingDir: fileURLToPath(new URL("../../", import.meta.url)),
    bundle: true,
    write: false,
    format: "esm",
    target: "es2022",
    legalComments: "none",
  });
  return `// Generated from schemas/ by contracts/generate; do not edit.\n${result.outputFiles[0]?.text ?? ""}`;
};

/** What patterns and discriminators (`type:<property>`) expect, in words; for messages. */
export const expectations = (files: readonly SchemaFile[]): Map<string, string> => {
  const found = new Map<string, string>();
  const visit = (file: string, schema: Schema): void => {
    const words = schema["x-expected"];
    if (schema.pattern !== undefined && words !== undefined) found.set(schema.pattern, words);
    const property = schema.discriminator?.propertyName;
    if (property !== undefined) {
      const tags = (schema.oneOf ?? []).map((branch) => tagOf(files, file, branch, property));
      found.set(`type:${property}`, `one of ${tags.join(", ")}`);
    }
    for (const value of Object.values(schema)) {
      if (typeof value === "object" && value !== null) visit(file, value);
    }
  };
  for (const { id, root } of files) visit(id, root);
  return found;
};

/** The value of the property that selects this branch. */
const tagOf = (files: readonly SchemaFile[], file: string, branch: Schema, property: string): string => {
  const { schema } = branch.$ref === undefined ? { schema: branch } : resolve(files, file, branch.$ref);
  return String(schema.properties?.[property]?.const);
};
