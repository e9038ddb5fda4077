/**
 * Reads the tenants file and the payload schemas that it names, and turns them into the value that the domain decides by. What is
 * wrong is said all at once, a line each, with the place; nothing of a file with a fault is used.
 */

import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { isTenantsFile, type Names, parseJson, type TenantsFile, validate } from "@carillon/contracts";
import type { CheckPayload } from "../../domain/allowance.ts";
import { compileTenants, type Tenants, tenantsWithoutFile } from "../../domain/tenants.ts";
import { type FileMarks, marksOf } from "./file-mark.ts";
import { readPayloadSchema } from "./payload-schema.ts";

export interface TenantsSettings {
  /** Null: there is none. */
  readonly path: string | null;
  readonly maxSchedulesPerCreator: number;
  readonly installation: Names;
}

export type TenantsRead = {
  /** Every file that was looked at, as it was then. */
  readonly files: FileMarks;
} & (
  | { readonly ok: true; readonly tenants: Tenants; readonly warnings: readonly string[] }
  | { readonly ok: false; readonly faults: readonly string[] }
);

const NO_FILE = "SCHEDULER_TENANTS_FILE is not set, so no target is allowed and every definition is refused";

/** Bytes of the file at most; a larger one is refused. */
const FILE_BYTES_MAX = 4_194_304;

/** Never rejects: what goes wrong is a fault. */
export async function readTenants(settings: TenantsSettings): Promise<TenantsRead> {
  const { path } = settings;
  if (path === null)
    return { ok: true, tenants: tenantsWithoutFile(settings), warnings: [NO_FILE], files: new Map() };
  const place = resolve(path);
  const own = await marksOf([place]);
  const parsed = await parse(place);
  if (!parsed.ok)
    return { ok: false, faults: parsed.faults.map((fault) => `${place}: ${fault}`), files: own };
  const schemas = schemaPaths(parsed.file);
  const files = new Map([
    ...own,
    ...(await marksOf(schemas.map((schema) => resolve(dirname(place), schema)))),
  ]);
  const { payloadChecks, faults } = await readSchemas(dirname(place), schemas);
  const compiled = compileTenants({ ...settings, file: parsed.file, payloadChecks });
  if (compiled.ok && faults.length === 0) {
    return { ...compiled, warnings: compiled.warnings.map((line) => `${place}: ${line}`), files };
  }
  const entryFaults = compiled.ok ? [] : compiled.faults.map((fault) => `${place}: ${fault}`);
  return { ok: false, faults: [...entryFaults, ...faults], files };
}

type Parsed = { ok: true; file: TenantsFile } | { ok: false; faults: readonly string[] };

async function parse(place: string): Promise<Parsed> {
  try {
    const text = await readFile(place);
    if (text.length > FILE_BYTES_MAX) {
      return { ok: false, faults: [`${text.length} bytes; expected at most ${FILE_BYTES_MAX}`] };
    }
    const parsed = parseJson(text);
    if (!parsed.ok) return { ok: false, faults: [parsed.message.replace("the body", "it")] };
    if (isTenantsFile(parsed.value)) return { ok: true, file: parsed.value };
    return { ok: false, faults: validate.tenants(parsed.value).map(({ message }) => message) };
  } catch (error) {
    return { ok: false, faults: [error instanceof Error ? error.message : String(error)] };
  }
}

const schemaPaths = ({ tenants }: TenantsFile): string[] => {
  const entries = Object.values(tenants).flatMap(({ targets }) => targets);
  return [
    ...new Set(entries.flatMap(({ payloadSchema }) => (payloadSchema === undefined ? [] : [payloadSchema]))),
  ];
};

/** One after the other: there are few, and compiling is what takes the time. */
async function readSchemas(
  folder: string,
  paths: readonly string[],
): Promise<{ payloadChecks: ReadonlyMap<string, CheckPayload>; faults: readonly string[] }> {
  const payloadChecks = new Map<string, CheckPayload>();
  const faults: string[] = [];
  for (const path of paths) {
    const read = await readPayloadSchema(resolve(folder, path));
    if (read.ok) payloadChecks.set(path, read.check);
    else faults.push(`payloadSchema ${resolve(folder, path)}: ${read.reason}`);
  }
  return { payloadChecks, faults };
}
