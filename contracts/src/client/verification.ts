/*
 * A verification that comes in parts, as one: each answer names where the next goes on.
 */
import { type Account, accountInWords, addAccounts, EMPTY_ACCOUNT } from "../account.ts";
import type { VerifyBody, VerifyReply } from "../generated/types.ts";

export interface Interval {
  /** RFC 3339, inclusive; it must have passed. */
  readonly since: string;
  /** RFC 3339, exclusive; default: as late as can be judged, which is some seconds ago. */
  readonly until?: string;
}

/** The whole account; at most 100 of what is unexplained are listed. */
export interface Verified extends Account {
  readonly since: string;
  /** Until when it was judged. */
  readonly until: string;
  /** In one line, for people. */
  readonly summary: string;
}

export const verifyAll = async (
  part: (body: VerifyBody) => Promise<VerifyReply>,
  { since, until }: Interval,
): Promise<Verified> => {
  let account = EMPTY_ACCOUNT;
  let cursor: string | null = null;
  let end = since;
  do {
    const reply: VerifyReply = await part({ since, ...(until === undefined ? {} : { until }), cursor });
    account = addAccounts(account, reply);
    ({ cursor, until: end } = reply);
  } while (cursor !== null);
  return { since, until: end, ...account, summary: accountInWords(account) };
};
