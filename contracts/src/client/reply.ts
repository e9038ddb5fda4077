/*
 * Tells answers apart by `ok` alone. A client trusts its scheduler and may be older than it: checking whole
 * shapes here would refuse every field that a later version adds.
 */
import type { ErrorReply } from "../generated/types.ts";
import { CarillonError, failure } from "./carillon-error.ts";

/** The answer, where the scheduler said yes; throws CarillonError with its refusal else. */
export const accepted = <Reply extends { readonly ok: true }>(
  reply: unknown,
  commandId: string | null,
  subject: string,
): Reply => {
  if (says<Reply>(reply, true)) return reply;
  if (says<ErrorReply>(reply, false)) throw new CarillonError(reply.error, commandId);
  throw failure("internal_error", `the answer on ${subject} is none of Carillon's`, commandId);
};

const says = <Reply extends { readonly ok: boolean }>(reply: unknown, ok: Reply["ok"]): reply is Reply =>
  typeof reply === "object" && reply !== null && "ok" in reply && reply.ok === ok;
