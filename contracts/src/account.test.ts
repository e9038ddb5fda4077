import { describe, expect, it } from "vitest";
import { type Account, accountInWords, addAccounts, EMPTY_ACCOUNT, ITEMS_MAX } from "./account.ts";
import type { Unexplained } from "./generated/types.ts";

const account = (patch: Partial<Account>): Account => ({ ...EMPTY_ACCOUNT, ...patch });
const item: Unexplained = {
  scheduleId: "daily",
  executionId: "daily@x",
  nominalAt: "2026-11-21T09:00:00Z",
  what: "no_event",
  count: 1,
  message: "lost",
};

describe("an account", () => {
  it.each([
    [{}, "planned 0, fired 0, unexplained 0"],
    [
      { planned: 86_400, fired: 86_397, missed: { misfire_grace: 3 } },
      "planned 86,400, fired 86,397, missed 3 (misfire_grace), unexplained 0",
    ],
    [
      {
        planned: 9,
        fired: 1,
        failed: 1,
        missed: { coalesced: 1, misfire_grace: 2 },
        paused: 1,
        open: 3,
        manual: 2,
      },
      "planned 9, fired 1, failed 1, missed 3 (coalesced 1, misfire_grace 2), paused 1, open 3, triggered by hand 2, unexplained 0",
    ],
    [
      { partial: [{ stream: "TARGETS", scheduleId: null, reason: "gone" as const, until: null }] },
      "planned 0, fired 0, unexplained 0, in part not verifiable",
    ],
  ])("in words: %j", (patch, words) => {
    expect(accountInWords(account(patch))).toBe(words);
  });

  it("of two parts is their sum, each reason apart", () => {
    const one = account({ planned: 2, fired: 1, skipped: { deleted: 1 } });
    const two = account({ planned: 3, fired: 1, skipped: { deleted: 1, superseded: 1 } });
    expect(addAccounts(one, two)).toMatchObject({
      ...{ planned: 5, fired: 2 },
      skipped: { deleted: 2, superseded: 1 },
    });
  });

  it("lists a hundred unexplained things and counts all, and names what could not be verified once", () => {
    const partial = [{ stream: "TARGETS", scheduleId: null, reason: "forgets" as const, until: null }];
    const many = account({
      unexplained: { count: 80, items: Array.from({ length: 80 }, () => item) },
      partial,
    });
    const sum = addAccounts(many, many);
    expect([sum.unexplained.count, sum.unexplained.items.length]).toEqual([160, ITEMS_MAX]);
    expect(sum.partial).toEqual(partial);
  });
});
