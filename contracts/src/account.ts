/*
 * Accounts of `verify`: answers cover parts of time and of a tenant's schedules, and the whole is their sum.
 */
import type { CountByReason, Unexplained, Unverified, VerifyReply } from "./generated/types.ts";

/** What an answer to `verify` adds up. */
export type Account = Pick<
  VerifyReply,
  | "planned"
  | "fired"
  | "manual"
  | "failed"
  | "missed"
  | "skipped"
  | "paused"
  | "open"
  | "unexplained"
  | "partial"
>;

/** Items that an account lists; further ones are counted. */
export const ITEMS_MAX = 100;

export const EMPTY_ACCOUNT: Account = {
  planned: 0,
  fired: 0,
  manual: 0,
  failed: 0,
  missed: {},
  skipped: {},
  paused: 0,
  open: 0,
  unexplained: { count: 0, items: [] },
  partial: [],
};

/** The sum of accounts of different parts; lists are cut to ITEMS_MAX. */
export const addAccounts = (one: Account, two: Account): Account => ({
  planned: one.planned + two.planned,
  fired: one.fired + two.fired,
  manual: one.manual + two.manual,
  failed: one.failed + two.failed,
  missed: addReasons(one.missed, two.missed),
  skipped: addReasons(one.skipped, two.skipped),
  paused: one.paused + two.paused,
  open: one.open + two.open,
  unexplained: {
    count: one.unexplained.count + two.unexplained.count,
    items: joined<Unexplained>(one.unexplained.items, two.unexplained.items),
  },
  partial: withoutRepeats(joined<Unverified>(one.partial, two.partial)),
});

/** `planned 86,400, fired 86,397, missed 3 (misfire_grace), unexplained 0`. */
export const accountInWords = (account: Account): string => {
  const { planned, fired, failed, paused, open, manual, unexplained, partial } = account;
  const some = (what: string, count: number): string[] => (count === 0 ? [] : [`${what} ${counted(count)}`]);
  return [
    `planned ${counted(planned)}`,
    `fired ${counted(fired)}`,
    ...some("failed", failed),
    ...byReason("missed", account.missed),
    ...byReason("skipped", account.skipped),
    ...some("paused", paused),
    ...some("open", open),
    ...some("triggered by hand", manual),
    `unexplained ${counted(unexplained.count)}`,
    ...(partial.length === 0 ? [] : ["in part not verifiable"]),
  ].join(", ");
};

const byReason = (what: string, counts: CountByReason): string[] => {
  const entries = Object.entries(counts);
  const [[only = ""] = []] = entries;
  if (entries.length === 0) return [];
  const sum = counted(entries.reduce((all, [, count]) => all + count, 0));
  const reasons =
    entries.length === 1 ? only : entries.map(([reason, count]) => `${reason} ${counted(count)}`).join(", ");
  return [`${what} ${sum} (${reasons})`];
};

const counted = (count: number): string => count.toLocaleString("en-US");

const addReasons = (one: CountByReason, two: CountByReason): CountByReason => {
  const sum = new Map(Object.entries(one));
  for (const [reason, count] of Object.entries(two)) sum.set(reason, (sum.get(reason) ?? 0) + count);
  return Object.fromEntries(sum);
};

const joined = <Item>(one: readonly Item[], two: readonly Item[]): readonly Item[] =>
  two.length === 0 ? one : [...one, ...two].slice(0, ITEMS_MAX);

/** Each part of an answer says again what it could not verify. */
const withoutRepeats = (items: readonly Unverified[]): readonly Unverified[] => [
  ...new Map(items.map((item) => [JSON.stringify(item), item])).values(),
];
