/**
 * The JSON of a command, read only where it is short enough to be read at once: a parser holds up everything that fires meanwhile, so
 * what no command can need is refused by its length alone.
 */

import { parseJson } from "@carillon/contracts";
import { accept, type Checked, rejectAt } from "./rejection.ts";
import type { Tenant } from "./tenants.ts";

/** Bytes that a body may have beside the tenant's largest payload; a longer one is refused with `payload_too_large`, unread. */
export const BODY_BYTES_MAX = 262_144;

/** The value of a body; undefined: it is empty. */
export function parseBody(
  data: Uint8Array,
  { maxPayloadBytes }: Pick<Tenant, "maxPayloadBytes">,
): Checked<unknown> {
  if (data.length === 0) return accept(undefined);
  const most = BODY_BYTES_MAX + maxPayloadBytes;
  if (data.length > most) {
    return rejectAt("payload_too_large", "", `the body: ${data.length} bytes; expected at most ${most}`);
  }
  const parsed = parseJson(data);
  return parsed.ok ? accept(parsed.value) : rejectAt("invalid_json", "", parsed.message);
}
