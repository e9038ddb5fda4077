import { describe, expect, it } from "vitest";
import { Feed } from "./feed.ts";

/** Lets everything run that waits for nothing outside. */
const turns = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function readAll<T>(feed: Feed<T>): Promise<T[]> {
  const read: T[] = [];
  for await (const item of feed) read.push(item);
  return read;
}

describe("a feed", () => {
  it("gives what was pushed, in order, before and after it was asked for", async () => {
    const feed = new Feed<number>();
    feed.push(1);
    const reading = readAll(feed);
    await turns();
    feed.push(2);
    feed.push(3);
    feed.end();
    expect(await reading).toEqual([1, 2, 3]);
  });

  it("ends a reader that waits, when another one returns", async () => {
    const feed = new Feed<number>();
    const waiting = [feed.next(), feed.next()];
    await feed.return();
    expect(await Promise.all(waiting)).toEqual(Array(2).fill({ done: true, value: undefined }));
    feed.push(1);
    expect(await feed.next()).toEqual({ done: true, value: undefined });
  });

  it("fails once, after what was pushed before", async () => {
    const feed = new Feed<number>();
    feed.push(1);
    feed.end({ error: new Error("over") });
    feed.end({ error: new Error("again") });
    expect(await feed.next()).toEqual({ done: false, value: 1 });
    await expect(feed.next()).rejects.toThrow("over");
    expect(await feed.next()).toEqual({ done: true, value: undefined });
  });

  it("tells of its end once, and at once where it has ended", async () => {
    const feed = new Feed<number>();
    const told: string[] = [];
    feed.onEnd(() => told.push("first"));
    feed.onEnd(() => told.push("called off"))();
    feed.push(1);
    for await (const _ of feed) break;
    feed.onEnd(() => told.push("late"));
    expect(told).toEqual(["first", "late"]);
  });

  it("is drained when the last item has been read, or at its end", async () => {
    const feed = new Feed<number>();
    await feed.drained();
    feed.push(1);
    feed.push(2);
    let drained = 0;
    for (let n = 0; n < 2; n++) void feed.drained().then(() => drained++);
    await feed.next();
    await turns();
    expect(drained).toBe(0);
    await feed.next();
    await turns();
    expect(drained).toBe(2);
    feed.push(3);
    const ending = feed.drained();
    feed.end();
    await ending;
    expect(feed.waiting).toBe(1);
  });
});
