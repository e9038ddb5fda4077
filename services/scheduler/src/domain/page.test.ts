import { type PageAnswer, type PageEntry, partitionOf, validate } from "@carillon/contracts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cut, entryOf, mergePages, PAGE_BYTES_MAX } from "./page.ts";
import { aSchedule } from "./testing/builders.ts";

const TENANT = "acme";
const MEGABYTE = 1_048_576;

const entry = (scheduleId: string): PageEntry => entryOf(scheduleId, null, false);
const idsOf = (entries: readonly PageEntry[]): string[] => entries.map(({ scheduleId }) => scheduleId);

/** What an owner of these partitions says of `ids`, of which it may name `limit`. */
function said(
  ids: readonly string[],
  of: { owned: readonly number[]; partitions: number; limit: number; term?: number },
): PageAnswer {
  const mine = ids.filter((id) => of.owned.includes(partitionOf(TENANT, id, of.partitions))).sort();
  return {
    v: 1,
    partitions: of.owned.map((partition) => ({ partition, term: of.term ?? 1 })),
    entries: mine.slice(0, of.limit).map(entry),
    more: mine.length > of.limit,
  };
}

describe("a page out of several answers", () => {
  const given = fc.record({
    ids: fc.uniqueArray(fc.stringMatching(/^[a-c]{1,5}$/), { maxLength: 60 }),
    partitions: fc.integer({ min: 1, max: 8 }),
    owners: fc.integer({ min: 1, max: 4 }),
    limit: fc.integer({ min: 1, max: 10 }),
    /** Owners may say less than they were asked for. */
    short: fc.integer({ min: 1, max: 10 }),
  });

  it("shows everything once, in order, page after page", () => {
    fc.assert(
      fc.property(given, ({ ids, partitions, owners, limit, short }) => {
        const all = Array.from({ length: partitions }, (_, partition) => partition);
        const seen: string[] = [];
        let next: string | null = "";
        for (let pages = 0; next !== null; pages++) {
          const left = ids.filter((id) => id > (next ?? ""));
          const answers = Array.from({ length: owners }, (_, owner) =>
            said(left, {
              owned: all.filter((partition) => partition % owners === owner),
              partitions,
              limit: Math.min(limit, short),
            }),
          );
          const page = mergePages(answers, { tenant: TENANT, partitions, limit, messageBytesMax: MEGABYTE });
          expect(page.covered).toBe(partitions);
          expect(page.entries.length).toBeLessThanOrEqual(limit);
          seen.push(...idsOf(page.entries));
          next = page.next;
          expect(pages).toBeLessThanOrEqual(ids.length);
        }
        expect(seen).toEqual([...ids].sort());
      }),
    );
  });

  it("counts the partitions that somebody answered for", () => {
    const of = { partitions: 4, limit: 10 };
    const answers = [
      said(["a", "b", "c", "d"], { ...of, owned: [0, 1] }),
      said([], { ...of, owned: [1, 9] }),
    ];
    const page = mergePages(answers, { ...of, tenant: TENANT, messageBytesMax: MEGABYTE });
    expect(page.covered).toBe(2);
    expect(mergePages([], { ...of, tenant: TENANT, messageBytesMax: MEGABYTE })).toEqual({
      entries: [],
      next: null,
      covered: 0,
    });
  });

  it("believes the higher term where two name the same partition", () => {
    const of = { owned: [0], partitions: 1, limit: 10 };
    const [old, young] = [
      said(["gone", "kept"], { ...of, term: 4 }),
      said(["kept", "made"], { ...of, term: 5 }),
    ];
    for (const answers of [
      [old, young],
      [young, old],
    ]) {
      const page = mergePages(answers, { ...of, tenant: TENANT, messageBytesMax: MEGABYTE });
      expect(idsOf(page.entries)).toEqual(["kept", "made"]);
    }
  });
});

describe("a message", () => {
  const wide = (scheduleId: string, bytes: number): PageEntry =>
    entryOf(scheduleId, aSchedule({ metadata: { text: "x".repeat(bytes) } }), true);

  it("takes no more entries than a page may be long", () => {
    const entries = ["a", "b", "c", "d"].map((id) => wide(id, PAGE_BYTES_MAX / 6));
    const page = cut(entries, MEGABYTE);
    expect([idsOf(page.entries), page.cut]).toEqual([["a", "b"], true]);
    expect(JSON.stringify(page.entries).length).toBeLessThan(PAGE_BYTES_MAX);
  });

  it("takes one entry, however long, that fits the server's limit", () => {
    const page = cut([wide("a", PAGE_BYTES_MAX), wide("b", 1)], MEGABYTE);
    expect([idsOf(page.entries), page.cut, page.entries[0]?.omitted]).toEqual([["a"], true, undefined]);
  });

  it("leaves out an entry that fits no message, and goes on behind it", () => {
    const page = cut([wide("a", 40_000), wide("b", 1)], 65_536);
    expect(page.entries.map(({ omitted }) => omitted)).toEqual(["too_long", undefined]);
    expect(page.cut).toBe(false);
  });
});

describe("an entry", () => {
  const schedule = aSchedule({ name: "Daily", tags: ["mail"] });

  it.each([false, true])("is a schedule as its schema says, full: %j", (full) => {
    const { item } = entryOf("daily", schedule, full);
    expect(full ? validate.scheduleView(item) : validate.scheduleSummary(item)).toEqual([]);
  });

  it("of a record that cannot be read says so", () => {
    expect(entryOf("daily", null, true)).toEqual({
      scheduleId: "daily",
      item: null,
      omitted: "definition_unavailable",
    });
  });
});
