/*
 * Makes the body of a refusal from its code; status and retryable come from the table of codes.
 */
import type { Fault } from "./fault.ts";
import { ERRORS, type ErrorCode } from "./generated/errors.ts";
import type { ErrorBody } from "./generated/types.ts";

/** `retryAfterMs` null: no advice. */
export const errorBody = (
  code: ErrorCode,
  message: string,
  details: readonly Fault[] = [],
  retryAfterMs: number | null = null,
): ErrorBody => ({ code, message, details, retryable: ERRORS[code].retryable, retryAfterMs });

/** Whether `text` is one of the codes. */
export const isErrorCode = (text: unknown): text is ErrorCode =>
  typeof text === "string" && Object.hasOwn(ERRORS, text);
