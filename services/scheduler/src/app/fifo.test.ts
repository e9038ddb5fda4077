import { expect, it } from "vitest";
import { Fifo } from "./fifo.ts";

it("gives back in order whatever came in between", () => {
  const fifo = new Fifo<number>();
  const taken: number[] = [];
  for (let number = 0; number < 10_000; number++) {
    fifo.push(number);
    if (number % 3 > 0) taken.push(fifo.shift() ?? Number.NaN);
  }
  expect(fifo.size).toBe(10_000 - taken.length);
  expect([...taken, ...fifo.drain()]).toEqual(Array.from({ length: 10_000 }, (_, number) => number));
});

it("is empty before the first and after the last", () => {
  const fifo = new Fifo<string>();
  expect(fifo.shift()).toBeUndefined();
  fifo.push("one");
  expect([fifo.shift(), fifo.shift(), fifo.size]).toEqual(["one", undefined, 0]);
  fifo.push("another");
  expect(fifo.shift()).toBe("another");
});
