/*
 * Writes everything that is generated from schemas/. With --check it writes nothing and exits 1 where a
 * file on disk is not what it would write.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { envExample, readmeWith } from "./config-rows.ts";
import { declarations } from "./declarations.ts";
import { readSchemas } from "./schema-set.ts";
import { configTable, errorTable, validateTable, validatorTypes } from "./tables.ts";
import { expectations, validatorCode } from "./validators.ts";

const ROOT = new URL("../../", import.meta.url);
const GENERATED = "contracts/src/generated";

const textOf = (path: string): string | null => {
  const file = new URL(path, ROOT);
  return existsSync(file) ? readFileSync(file, "utf8") : null;
};

/** Text by path from the repository's root. */
const outputs = (): Map<string, string> => {
  const schemas = new URL("schemas/", ROOT);
  const files = readSchemas(schemas);
  const readme = textOf("README.md") ?? "<!-- config:begin -->\n<!-- config:end -->\n";
  return new Map([
    [`${GENERATED}/types.ts`, declarations(files)],
    [`${GENERATED}/validators.js`, validatorCode(files)],
    [`${GENERATED}/validators.d.ts`, validatorTypes(files)],
    [`${GENERATED}/validate.ts`, validateTable(files, expectations(files))],
    [`${GENERATED}/errors.ts`, errorTable(new URL("errors.json", schemas))],
    [`${GENERATED}/config.ts`, configTable(files)],
    [".env.example", envExample(files)],
    ["README.md", readmeWith(files, readme)],
  ]);
};

const stale = [...outputs()].filter(([path, text]) => textOf(path) !== text);

if (process.argv.includes("--check")) {
  for (const [path] of stale) process.stderr.write(`${path} is not current: run npm run generate\n`);
  process.exitCode = stale.length === 0 ? 0 : 1;
} else {
  mkdirSync(fileURLToPath(new URL(GENERATED, ROOT)), { recursive: true });
  for (const [path, text] of stale) writeFileSync(new URL(path, ROOT), text);
  process.stdout.write(
    stale.length === 0 ? "all current\n" : stale.map(([path]) => `wrote ${path}\n`).join(""),
  );
}
