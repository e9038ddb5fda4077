/*
 * The one error of the client: a refusal by the scheduler, or an answer that did not come, each under a
 * code of errors.json. Match on `code`, never on the text.
 */
import { errorBody } from "../error-body.ts";
import type { ErrorCode } from "../generated/errors.ts";
import type { ErrorBody, ErrorDetail } from "../generated/types.ts";

export class CarillonError extends Error {
  override readonly name = "CarillonError";
  readonly code: ErrorCode;
  readonly details: readonly ErrorDetail[];
  /** True: the same call with the same commandId may succeed, and has its effect once. */
  readonly retryable: boolean;
  /** Milliseconds to wait before it; null: no advice. */
  readonly retryAfterMs: number | null;
  /** The id under which the command was sent; null for a question, or where nothing was sent. */
  readonly commandId: string | null;

  constructor(body: ErrorBody, commandId: string | null, cause?: unknown) {
    super(`${body.code}: ${body.message}`, cause === undefined ? undefined : { cause });
    this.code = body.code;
    this.details = body.details;
    this.retryable = body.retryable;
    this.retryAfterMs = body.retryAfterMs;
    this.commandId = commandId;
  }
}

export const failure = (
  code: ErrorCode,
  message: string,
  commandId: string | null,
  cause?: unknown,
): CarillonError => new CarillonError(errorBody(code, message), commandId, cause);
