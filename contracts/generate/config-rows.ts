/*
 * Reads config.schema.json as rows, and writes them where people look: the table in the README, between
 * its two markers, and `.env.example`.
 */
import type { Schema, SchemaFile } from "./schema-set.ts";

export interface ConfigRow {
  readonly name: string;
  readonly group: string;
  readonly type: string;
  readonly description: string;
  readonly default: string | number | null;
  readonly defaultText: string;
  readonly minimum: number | null;
  readonly maximum: number | null;
  readonly values: readonly unknown[] | null;
  readonly secret: string;
}

interface ConfigSchema extends Schema {
  readonly "x-group"?: string;
  readonly "x-secret"?: string;
  readonly "x-default-text"?: string;
}

interface ConfigRoot extends Schema {
  readonly properties: Readonly<Record<string, ConfigSchema>>;
  readonly "x-patterns": Readonly<Record<string, ConfigSchema>>;
  readonly "x-replaced": Readonly<Record<string, string>>;
}

const BEGIN = "<!-- config:begin -->";
const END = "<!-- config:end -->";

const rootOf = (files: readonly SchemaFile[]): ConfigRoot => {
  const root = files.find(({ stem }) => stem === "config")?.root;
  if (root === undefined) throw new Error("config.schema.json is missing");
  return root as ConfigRoot;
};

export const rowsOf = (files: readonly SchemaFile[]): ConfigRow[] =>
  Object.entries(rootOf(files).properties).map(([name, schema]) => row(name, schema));

export const replacedOf = (files: readonly SchemaFile[]): Readonly<Record<string, string>> =>
  rootOf(files)["x-replaced"];

const row = (name: string, schema: ConfigSchema): ConfigRow => {
  const fixed = schema.default;
  return {
    name,
    group: schema["x-group"] ?? "",
    type: typeof schema.type === "string" ? schema.type : "string",
    description: schema.description ?? "",
    default: typeof fixed === "string" || typeof fixed === "number" ? fixed : null,
    defaultText: fixed === undefined ? (schema["x-default-text"] ?? "none") : `\`${fixed}\``,
    minimum: schema.minimum ?? null,
    maximum: schema.maximum ?? null,
    values: schema.enum ?? null,
    secret: schema["x-secret"] ?? "none",
  };
};

const allRows = (files: readonly SchemaFile[]): ConfigRow[] => [
  ...rowsOf(files),
  ...Object.entries(rootOf(files)["x-patterns"]).map(([name, schema]) => row(name, schema)),
];

/** The README with its table made anew; everything outside the markers stays. */
export const readmeWith = (files: readonly SchemaFile[], readme: string): string => {
  const begin = readme.indexOf(BEGIN);
  const end = readme.indexOf(END);
  if (begin < 0 || end < begin) throw new Error(`README.md: expected ${BEGIN} and, after it, ${END}`);
  return `${readme.slice(0, begin)}${BEGIN}\n${markdown(allRows(files))}\n${readme.slice(end)}`;
};

const markdown = (rows: readonly ConfigRow[]): string =>
  [
    "| variable | default | |",
    "|---|---|---|",
    ...rows.map((entry) => `| \`${entry.name}\` | ${entry.defaultText} | ${sentence(entry)} |`),
  ].join("\n");

const sentence = (entry: ConfigRow): string =>
  [entry.description, rangeText(entry)].filter(Boolean).join(" ");

const rangeText = ({ values, minimum, maximum }: ConfigRow): string => {
  if (values !== null) return `One of ${values.map((value) => `\`${value}\``).join(", ")}.`;
  if (minimum === null || maximum === null) return "";
  return maximum === Number.MAX_SAFE_INTEGER ? `At least ${minimum}.` : `${minimum} to ${maximum}.`;
};

/** `.env.example`: every variable, commented out, at its default. */
export const envExample = (files: readonly SchemaFile[]): string => {
  const groups = Map.groupBy(allRows(files), ({ group }) => group);
  const blocks = [...groups].map(
    ([group, rows]) => `# --- ${group} ---\n\n${rows.map(envEntry).join("\n\n")}`,
  );
  const head = "# Generated from schemas/config.schema.json. Copy to .env and uncomment what you change.";
  return `${head}\n\n${blocks.join("\n\n")}\n`;
};

const envEntry = (entry: ConfigRow): string => {
  const words = `# ${sentence(entry)}`.replaceAll("`", "");
  const hint = entry.default === null ? ` Default: ${entry.defaultText.replaceAll("`", "")}.` : "";
  return entry.name.includes("*")
    ? `${words}${hint}`
    : `${words}${hint}\n#${entry.name}=${entry.default ?? ""}`;
};
