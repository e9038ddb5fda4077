/*
 * Turns titled schemas into TypeScript: an object with properties becomes an interface, the rest a type.
 * Everything is readonly, since shapes that crossed a boundary are never edited in place. Ranges and
 * defaults are written into the comments from the schema, so that they are stated once.
 */
import {
  entriesOf,
  type InlineEntry,
  inlineEntriesOf,
  resolve,
  type Schema,
  type SchemaFile,
} from "./schema-set.ts";

export const declarations = (files: readonly SchemaFile[]): string => {
  const entries = entriesOf(files);
  const usesErrorCode = JSON.stringify(files).includes('"x-type":"ErrorCode"');
  return [
    "// Generated from schemas/ by contracts/generate; do not edit.",
    ...(usesErrorCode ? ['import type { ErrorCode } from "./errors.ts";'] : []),
    "",
    ...entries.map(({ title, schema, ref }) =>
      declare(files, { title, schema, file: ref.split("#")[0] ?? "" }),
    ),
    ...inlineEntriesOf(files).map((entry) => declare(files, entry)),
  ].join("\n");
};

const declare = (files: readonly SchemaFile[], { title, schema, file }: InlineEntry): string => {
  const comment = commentOf(schema, "");
  return schema.properties !== undefined
    ? `${comment}export interface ${title} ${objectText({ files, file, indent: "" }, schema)}\n`
    : `${comment}export type ${title} = ${untitledText({ files, file, indent: "" }, schema)};\n`;
};

interface Place {
  readonly files: readonly SchemaFile[];
  readonly file: string;
  readonly indent: string;
}

/** The TypeScript of a schema where it is used: its name if it has one. */
const typeText = (place: Place, schema: Schema): string => {
  if (schema.$ref !== undefined) {
    const found = resolve(place.files, place.file, schema.$ref);
    return named(found.schema) ?? untitledText({ ...place, file: found.file }, found.schema);
  }
  return named(schema) ?? untitledText(place, schema);
};

const named = ({ title, type }: Schema): string | undefined =>
  title !== undefined && Array.isArray(type) && type.includes("null") ? `${title} | null` : title;

const untitledText = (place: Place, schema: Schema): string => {
  if (schema["x-type"] !== undefined) return schema["x-type"];
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum !== undefined) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  const branches = schema.oneOf ?? schema.anyOf;
  if (branches !== undefined) return branches.map((branch) => typeText(place, branch)).join(" | ");
  if (schema.properties !== undefined) return objectText(place, schema);
  const types = typeof schema.type === "string" ? [schema.type] : (schema.type ?? []);
  return types.length === 0 ? "unknown" : types.map((type) => plainText(place, schema, type)).join(" | ");
};

const plainText = (place: Place, schema: Schema, type: string): string => {
  switch (type) {
    case "integer":
    case "number":
      return "number";
    case "array":
      return `readonly ${parenthesised(typeText(place, schema.items ?? {}))}[]`;
    case "object":
      return mapText(place, schema.additionalProperties);
    default:
      return type;
  }
};

const parenthesised = (text: string): string => (text.includes(" | ") ? `(${text})` : text);

const mapText = (place: Place, values: Schema | boolean | undefined): string => {
  if (values === false) return "Readonly<Record<string, never>>";
  return `{ readonly [key: string]: ${typeText(place, typeof values === "object" ? values : {})} }`;
};

const objectText = (place: Place, schema: Schema): string => {
  const inner = `${place.indent}  `;
  const lines = Object.entries(schema.properties ?? {}).map(([name, property]) => {
    const mark = schema.required?.includes(name) ? "" : "?";
    const key = /^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name);
    const text = typeText({ ...place, indent: inner }, property);
    return `${commentOf(property, inner)}${inner}readonly ${key}${mark}: ${text};`;
  });
  return `{\n${lines.join("\n")}\n${place.indent}}`;
};

const commentOf = (schema: Schema, indent: string): string => {
  const words = [schema.description, rangeText(schema), defaultText(schema)].filter(
    (part) => part !== undefined,
  );
  return words.length === 0 ? "" : `${indent}/** ${words.join(" ").replaceAll("*/", "*\\/")} */\n`;
};

const defaultText = ({ default: value }: Schema): string | undefined =>
  value === undefined ? undefined : `Default ${JSON.stringify(value)}.`;

const rangeText = (schema: Schema): string | undefined => {
  const { minimum, exclusiveMinimum, maximum, minLength, maxLength, maxItems, maxProperties } = schema;
  if (exclusiveMinimum !== undefined) return `More than ${exclusiveMinimum}, at most ${maximum}.`;
  if (minimum !== undefined && maximum !== undefined) return `${minimum} to ${maximum}.`;
  if (minimum !== undefined) return `At least ${minimum}.`;
  if (maxLength !== undefined) return `${minLength ?? 0} to ${maxLength} characters.`;
  if (maxItems !== undefined) return `At most ${maxItems}.`;
  return maxProperties === undefined ? undefined : `At most ${maxProperties}.`;
};
