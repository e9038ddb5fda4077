/**
 * The JSON of a command, read only where it is short enough to be read at once: a parser holds up everything that fires meanwhile, so
 * what no command can need is refused by its length alone.
 */

import { type ErrorBody, parseJson } from "@carillon/contracts";
import { accept, type Checked, rejectAt } from "./rejection.ts";
import type { Tenant } from "./tenants.ts";

/** Bytes that a body may have beside the tenant's largest payload; a longer one is refused with `payload_too_large`, unread. */
export const BODY_BYTES_MAX = 262_144;

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
  return parsed.ok ? accept(parsed.value) : rejectAt("invalid_json", "", parsed.message);
}
