import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DueQueue, NO_SLOT } from "./due-queue.ts";

const anItem = (name: string) => ({ name, slot: NO_SLOT });
type Item = ReturnType<typeof anItem>;

const drain = (queue: DueQueue<Item>, now: number): string[] => {
  const taken: string[] = [];
  for (let item = queue.takeDue(now); item !== null; item = queue.takeDue(now)) taken.push(item.name);
  return taken;
};

describe("the due queue", () => {
  it("gives what is due, the earliest first, and keeps the rest", () => {
    const queue = new DueQueue<Item>();
    queue.set(anItem("c"), 30);
    queue.set(anItem("a"), 10);
    queue.set(anItem("b"), 20);
    expect([queue.countDue(20), drain(queue, 20), queue.nextAt()]).toEqual([2, ["a", "b"], 30]);
    expect([drain(queue, 29), drain(queue, 30), queue.nextAt()]).toEqual([[], ["c"], null]);
  });

  it("knows one instant for each item: the last that was set", () => {
    const queue = new DueQueue<Item>();
    const item = anItem("a");
    for (const at of [10, 50, 30]) queue.set(item, at);
    expect([queue.size, queue.at(item), queue.nextAt()]).toEqual([1, 30, 30]);
    expect([drain(queue, 29), drain(queue, 60), queue.at(item)]).toEqual([[], ["a"], null]);
  });

  it("forgets an item that no longer waits", () => {
    const queue = new DueQueue<Item>();
    const item = anItem("a");
    queue.set(item, 10);
    queue.set(item, null);
    expect([queue.nextAt(), queue.size, queue.countDue(99), drain(queue, 99)]).toEqual([null, 0, 0, []]);
    queue.set(item, 10);
    expect(drain(queue, 10)).toEqual(["a"]);
  });

  it("behaves as a sorted list would", () => {
    const instant = fc.option(fc.integer({ min: 0, max: 20 }));
    const move = fc.tuple(fc.integer({ min: 0, max: 40 }), instant);
    fc.assert(
      fc.property(fc.array(move, { maxLength: 120 }), fc.integer({ min: 0, max: 20 }), (moves, now) => {
        const queue = new DueQueue<Item>();
        const items = Array.from({ length: 41 }, (_, n) => anItem(`${n}`));
        const model = new Map<string, number>();
        for (const [n, at] of moves) {
          const item = items[n] ?? anItem("none");
          queue.set(item, at);
          if (at === null) model.delete(item.name);
          else model.set(item.name, at);
        }
        expect(queue.nextAt()).toBe(model.size === 0 ? null : Math.min(...model.values()));
        for (const item of items) expect(queue.at(item)).toBe(model.get(item.name) ?? null);
        const due = [...model].filter(([, at]) => at <= now).map(([name]) => name);
        expect([...queue.due(now)].map(({ name }) => name).toSorted()).toEqual(due.toSorted());
        const taken = drain(queue, now);
        expect(taken.toSorted()).toEqual(due.toSorted());
        expect(taken.map((name) => model.get(name))).toEqual(
          taken.map((name) => model.get(name) ?? 0).toSorted((one, two) => one - two),
        );
        expect(queue.size).toBe(model.size - due.length);
      }),
    );
  });
});
