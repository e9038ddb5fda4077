/**
 * Payload schemas of the tenants file, compiled to checks. They come from operators, so they are trusted to be sensible but not to be
 * right: a schema that cannot be read is a fault that names the file. Nothing is fetched: a reference must stay inside its file.
 */

import { readFile } from "node:fs/promises";
import { faultsOf, parseJson } from "@carillon/contracts";
import { Ajv2020 } from "ajv/dist/2020.js";
import type { CheckPayload } from "../../domain/allowance.ts";

/** Bytes of one schema file at most; a larger one is refused. */
const SCHEMA_BYTES_MAX = 262_144;

export type SchemaRead = { ok: true; check: CheckPayload } | { ok: false; reason: string };

/** The check that the schema in `path` asks for, or why there is none. */
export async function readPayloadSchema(path: string): Promise<SchemaRead> {
  try {
    const text = await readFile(path);
    if (text.length > SCHEMA_BYTES_MAX) {
      return { ok: false, reason: `${text.length} bytes; expected at most ${SCHEMA_BYTES_MAX}` };
    }
    const parsed = parseJson(text);
    return parsed.ok
      ? compile(parsed.value)
      : { ok: false, reason: parsed.message.replace("the body", "it") };
  } catch (error) {
    return { ok: false, reason: error instanceof Error ? error.message : String(error) };
  }
}

/** Throws what the compiler says. Formats are annotations, as JSON Schema 2020-12 has it. */
function compile(schema: unknown): SchemaRead {
  if (
    typeof schema !== "boolean" &&
    (typeof schema !== "object" || schema === null || Array.isArray(schema))
  ) {
    return { ok: false, reason: "expected a JSON Schema: an object, true or false" };
  }
  const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false, logger: false });
  const validator = ajv.compile(schema);
  return { ok: true, check: (payload) => faultsOf(validator, payload, {}, () => true) };
}
