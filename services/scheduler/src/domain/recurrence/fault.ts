/*
 * Why a trigger is refused. The codes stand in schemas/errors.json; a message gives place, value, expectation.
 */
import type { ErrorCode } from "@carillon/contracts";

export interface TriggerFault {
  readonly code: Extract<
    ErrorCode,
    | "invalid_trigger"
    | "trigger_too_complex"
    | "invalid_timezone"
    | "never_fires"
    | "at_in_past"
    | "at_too_far"
  >;
  /** JSON pointer inside the definition, such as /trigger/expression. */
  readonly path: string;
  readonly message: string;
}

export function fault(
  code: TriggerFault["code"],
  path: string,
  message: string,
): { ok: false; fault: TriggerFault } {
  return { ok: false, fault: { code, path, message } };
}
