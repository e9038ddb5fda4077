/** Why a command is refused, as a value. The code is the API; the message is for people. */

import { type ErrorBody, type ErrorCode, errorBody, type Fault } from "@carillon/contracts";

export type Checked<T> = { ok: true; value: T } | { ok: false; error: ErrorBody };

export const accept = <T>(value: T): Checked<T> => ({ ok: true, value });

export const reject = (
  code: ErrorCode,
  message: string,
  details: readonly Fault[] = [],
): { ok: false; error: ErrorBody } => ({ ok: false, error: errorBody(code, message, [...details]) });

/** One fault at one place. */
export const rejectAt = (code: ErrorCode, path: string, message: string) =>
  reject(code, message, [{ path, message }]);

/** Faults of a value against its schema; the first one is the message. */
export const rejectFaults = (code: ErrorCode, faults: readonly Fault[]) =>
  reject(code, faults[0]?.message ?? code, faults);
