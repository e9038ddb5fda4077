import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Front } from "./front.ts";

const scheduleId = fc.stringMatching(/^[ab_-]{1,3}$/);

describe("the first few", () => {
  it("are those of a sorted list of all, in whatever order they come", () => {
    const given = fc.record({
      ids: fc.uniqueArray(scheduleId, { maxLength: 84 }),
      limit: fc.integer({ min: 1, max: 20 }),
      after: fc.option(scheduleId),
    });
    fc.assert(
      fc.property(given, ({ ids, limit, after }) => {
        const front = new Front({ limit, after });
        for (const id of ids) if (front.wants(id)) front.add({ scheduleId: id });
        const all = ids.filter((id) => id > (after ?? "")).sort();
        const { items, more } = front.first();
        expect(items.map((item) => item.scheduleId)).toEqual(all.slice(0, limit));
        expect(more).toBe(all.length > limit);
      }),
    );
  });

  it("are kept without keeping all", () => {
    const front = new Front({ limit: 10, after: null });
    let added = 0;
    for (let n = 0; n < 100_000; n++) {
      const id = String((n * 48_271) % 100_003).padStart(6, "0");
      if (!front.wants(id)) continue;
      front.add({ scheduleId: id });
      added++;
    }
    expect(added).toBeLessThan(1_000);
    expect(front.first().items).toHaveLength(10);
  });
});
