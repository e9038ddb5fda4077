import { expect, it } from "vitest";
import { Turns } from "./turns.ts";

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

it("lets no more than so many work at a time, in the order in which they came", async () => {
  const turns = new Turns(2);
  const begun: number[] = [];
  const works = [0, 1, 2, 3].map(() => Promise.withResolvers<void>());
  for (const [number, work] of works.entries())
    void turns.run(() => {
      begun.push(number);
      return work.promise;
    });
  expect(begun).toEqual([0, 1]);
  works[1]?.resolve();
  await settled();
  expect(begun).toEqual([0, 1, 2]);
  works[0]?.resolve();
  await settled();
  expect(begun).toEqual([0, 1, 2, 3]);
});

it("gives the turn of work that failed to the next, and its fault to whoever asked", async () => {
  const turns = new Turns(1);
  const failing = turns.run(async () => {
    throw new Error("no");
  });
  let done = false;
  const next = turns.run(async () => {
    done = true;
  });
  await expect(failing).rejects.toThrow("no");
  await next;
  expect(done).toBe(true);
});
