/** Bodies of verbs that take a few fields, or none. */

import { type Fault, validate } from "@carillon/contracts";
import type { Effect } from "../decide.ts";
import { rejectFaults } from "../rejection.ts";

export type Body<T> = { ok: true; value: T } | { ok: false; effect: Effect };

/** An empty body stands for an empty object. */
export function readBody<T extends object>(
  body: unknown,
  faultsOf: (value: unknown) => readonly Fault[],
): Body<Partial<T>> {
  if (body === undefined) return { ok: true, value: {} };
  const faults = faultsOf(body);
  if (faults.length === 0) return { ok: true, value: body as Partial<T> };
  return { ok: false, effect: { kind: "rejected", error: rejectFaults("invalid_body", faults).error } };
}

export const readEmptyBody = (body: unknown): Body<object> => readBody(body, validate.emptyBody);
