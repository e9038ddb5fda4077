import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DueQueue } from "./due-queue.ts";

const drain = (queue: DueQueue<string>, now: number): string[] => {
  const taken: string[] = [];
  for (let item = queue.takeDue(now); item !== null; item = queue.takeDue(now)) taken.push(item);
  return taken;
};

describe("the due queue", () => {
  it("gives what is due, the earliest first, and keeps the rest", () => {
    const queue = new DueQueue<string>();
    queue.set("c", 30);
    queue.set("a", 10);
    queue.set("b", 20);
    expect([queue.countDue(20), drain(queue, 20), queue.nextAt()]).toEqual([2, ["a", "b"], 30]);
    expect([drain(queue, 29), drain(queue, 30), queue.nextAt()]).toEqual([[], ["c"], null]);
  });

  it("knows one instant for each item: the last that was set", () => {
    const queue = new DueQueue<string>();
    for (const at of [10, 50, 30]) queue.set("a", at);
    expect([queue.nextAt(), drain(queue, 29), drain(queue, 60)]).toEqual([30, [], ["a"]]);
  });

  it("forgets an item that no longer waits", () => {
    const queue = new DueQueue<string>();
    queue.set("a", 10);
    queue.set("a", null);
    expect([queue.nextAt(), queue.countDue(99), drain(queue, 99)]).toEqual([null, 0, []]);
    queue.set("a", 10);
    expect(drain(queue, 10)).toEqual(["a"]);
  });

  it("does not grow with items that are moved back and forth", () => {
    const queue = new DueQueue<string>();
    for (let n = 0; n < 100_000; n++) queue.set("a", 1_000_000 + n);
    expect(queue.size).toBeLessThan(1_000);
    expect([queue.nextAt(), drain(queue, 2_000_000)]).toEqual([1_099_999, ["a"]]);
  });

  it("behaves as a sorted list would", () => {
    const move = fc.tuple(fc.constantFrom("a", "b", "c", "d"), fc.option(fc.integer({ min: 0, max: 20 })));
    fc.assert(
      fc.property(fc.array(move, { maxLength: 40 }), fc.integer({ min: 0, max: 20 }), (moves, now) => {
        const queue = new DueQueue<string>();
        const model = new Map<string, number>();
        for (const [item, at] of moves) {
          queue.set(item, at);
          if (at === null) model.delete(item);
          else model.set(item, at);
        }
        expect(queue.nextAt()).toBe(model.size === 0 ? null : Math.min(...model.values()));
        const due = [...model].filter(([, at]) => at <= now).map(([item]) => item);
        expect(queue.countDue(now)).toBe(due.length);
        const taken = drain(queue, now);
        expect(taken.toSorted()).toEqual(due.toSorted());
        expect(taken.map((item) => model.get(item))).toEqual(
          taken.map((item) => model.get(item) ?? 0).toSorted((one, two) => one - two),
        );
      }),
    );
  });
});
