/**
 * The JSON of a command, read only where it is short enough to be read at once: a parser holds up everything that fires meanwhile, so
 * what no command can need is refused by its length alone, and by its width before a validator names each of its faults.
 */

import { type ErrorBody, type Fault, parseJson, pointerToken } from "@carillon/contracts";
import { accept, type Checked, rejectAt } from "./rejection.ts";
import type { Tenant } from "./tenants.ts";

/** Bytes that a body may have beside the tenant's largest payload; a longer one is refused with `payload_too_large`, unread. */
export const BODY_BYTES_MAX = 262_144;

/**
 * Members or items of any part of a body, except a payload and what metadata holds: far more than one can need. A wider one is refused
 * with `invalid_body`; what is merely too wide, the verb's own schema says better.
 */
export const WIDTH_MAX = 1_024;

/** Levels at which a body has parts of its own: itself, `target`, `headers`. */
const PARTS_DEPTH = 3;

/** Whose body it is; undefined: an unknown tenant's, who gets no more than the rest. */
type Sender = Pick<Tenant, "maxPayloadBytes"> | undefined;

/** Null: the body may be read. */
export function lengthFault(data: Uint8Array, sender: Sender): ErrorBody | null {
  const most = BODY_BYTES_MAX + (sender?.maxPayloadBytes ?? 0);
  if (data.length <= most) return null;
  return rejectAt("payload_too_large", "", `the body: ${data.length} bytes; expected at most ${most}`).error;
}

/** The value of a body; undefined: it is empty. */
export function parseBody(data: Uint8Array, sender: Sender): Checked<unknown> {
  if (data.length === 0) return accept(undefined);
  const fault = lengthFault(data, sender);
  if (fault !== null) return { ok: false, error: fault };
  const parsed = parseJson(data);
  if (!parsed.ok) return rejectAt("invalid_json", "", parsed.message);
  const wide = widthFault(parsed.value, "", PARTS_DEPTH);
  return wide === null ? accept(parsed.value) : rejectAt("invalid_body", wide.path, wide.message);
}

function widthFault(value: unknown, path: string, depth: number): Fault | null {
  if (typeof value !== "object" || value === null || depth === 0) return null;
  const width = Object.keys(value).length;
  if (width > WIDTH_MAX) {
    return { path, message: `${path || "the body"}: ${width} entries; expected at most ${WIDTH_MAX}` };
  }
  for (const [name, part] of Object.entries(value)) {
    if (name === "payload") continue;
    const fault = widthFault(part, `${path}/${pointerToken(name)}`, name === "metadata" ? 1 : depth - 1);
    if (fault !== null) return fault;
  }
  return null;
}
