/** What an rpc is answered: a reply that says ok, or an error with the status of its code. */

import { ERRORS, type ErrorBody } from "@carillon/contracts";
import type { RpcAnswer } from "./ports.ts";

export function failed(error: ErrorBody): RpcAnswer {
  const { status } = ERRORS[error.code];
  return { data: JSON.stringify({ ok: false, error }), error: { status, message: error.message } };
}

export const succeeded = (reply: object): RpcAnswer => ({ data: JSON.stringify({ ok: true, ...reply }) });
