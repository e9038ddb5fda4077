/*
 * Reads schemas/ and names what is in it: every file `<stem>.schema.json`, and in each the root and the
 * `$defs` entries that carry a title. A title is the name of a type; an entry without one is inlined.
 * Knows nothing of what is generated.
 */
import { readdirSync, readFileSync } from "node:fs";

/** The part of JSON Schema 2020-12 that schemas/ uses; the generator refuses nothing, it just sees no more. */
export interface Schema {
  readonly $id?: string;
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, Schema>>;
  readonly title?: string;
  readonly description?: string;
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly format?: string;
  readonly default?: unknown;
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly maxItems?: number;
  readonly maxProperties?: number;
  readonly pattern?: string;
  readonly discriminator?: { readonly propertyName: string };
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly propertyNames?: Schema;
  readonly required?: readonly string[];
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
  readonly oneOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  /** TypeScript name that stands for a string whose values are listed elsewhere. */
  readonly "x-type"?: string;
  /** What a pattern means, in words, for messages. */
  readonly "x-expected"?: string;
}

export interface SchemaFile {
  /** File name without `.schema.json`. */
  readonly stem: string;
  readonly id: string;
  readonly root: Schema;
}

/** One titled schema that stands at the root of a file or in its `$defs`. */
export interface Entry {
  readonly title: string;
  /** Key in the table of validators: the file's stem for a root, else the title in lower camel case. */
  readonly key: string;
  /** Reference by which it is found, `<file>#/$defs/<name>` or `<file>`. */
  readonly ref: string;
  readonly schema: Schema;
}

const SUFFIX = ".schema.json";

export const readSchemas = (folder: URL): SchemaFile[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith(SUFFIX))
    .sort()
    .map((name) => {
      const root: Schema = JSON.parse(readFileSync(new URL(name, folder), "utf8"));
      if (root.$id !== name) throw new Error(`${name}: $id is ${root.$id}; expected the file's name`);
      return { stem: name.slice(0, -SUFFIX.length), id: name, root };
    });

/** Titled schemas in the order of files and `$defs`; refuses two of one title. */
export const entriesOf = (files: readonly SchemaFile[]): Entry[] => {
  const entries = files.flatMap((file) => [...rootEntry(file), ...definitionEntries(file)]);
  const seen = new Map<string, string>();
  for (const { title, ref } of entries) {
    const other = seen.get(title);
    if (other !== undefined) throw new Error(`title ${title} stands twice: ${other} and ${ref}`);
    seen.set(title, ref);
  }
  return entries;
};

const rootEntry = ({ root, id, stem }: SchemaFile): Entry[] =>
  root.title === undefined ? [] : [{ title: root.title, key: camel(stem), ref: id, schema: root }];

const definitionEntries = ({ root, id }: SchemaFile): Entry[] =>
  Object.entries(root.$defs ?? {}).flatMap(([name, schema]) =>
    schema.title === undefined
      ? []
      : [{ title: schema.title, key: lowerFirst(schema.title), ref: `${id}#/$defs/${name}`, schema }],
  );

/** The schema that `ref`, written in the file `from`, points to, and the file that holds it. */
export const resolve = (
  files: readonly SchemaFile[],
  from: string,
  ref: string,
): { schema: Schema; file: string } => {
  const [id = "", pointer = ""] = ref.split("#");
  const file = id === "" ? from : id;
  const root = files.find((candidate) => candidate.id === file)?.root;
  const name = pointer.replace("/$defs/", "");
  const schema = pointer === "" ? root : root?.$defs?.[name];
  if (schema === undefined) throw new Error(`${from}: ${ref} points to nothing`);
  return { schema, file };
};

/** A titled schema that stands inside another one: it gets a type, and no validator. */
export interface InlineEntry {
  readonly title: string;
  readonly file: string;
  readonly schema: Schema;
}

export const inlineEntriesOf = (files: readonly SchemaFile[]): InlineEntry[] => {
  const tops = new Set(entriesOf(files).map(({ schema }) => schema));
  const found: InlineEntry[] = [];
  const visit = (file: string, schema: Schema): void => {
    if (typeof schema.title === "string" && !tops.has(schema))
      found.push({ title: schema.title, file, schema });
    for (const value of Object.values(schema)) {
      if (typeof value === "object" && value !== null) visit(file, value);
    }
  };
  for (const { id, root } of files) visit(id, root);
  return found;
};

const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);
const camel = (text: string): string => text.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
