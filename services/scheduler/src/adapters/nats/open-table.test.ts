import { describe, expect, it } from "vitest";
import { OPEN_MAX } from "./lanes.ts";
import { OpenTable } from "./open-table.ts";

const opened = (table: OpenTable<{ token: number }>): { token: number } => {
  const item = { token: -1 };
  table.add(item);
  return item;
};

describe("the table of what is open", () => {
  it("finds each by its number, and nobody by the number of one that is gone", () => {
    const table = new OpenTable();
    const [first, second] = [opened(table), opened(table)];
    expect(table.delete(first)).toBe(true);
    expect([table.get(first.token), table.get(second.token), table.size]).toEqual([undefined, second, 1]);
    expect([table.delete(first), table.get(Number.NaN), table.get(-1), table.get(0.5)]).toEqual([
      false,
      undefined,
      undefined,
      undefined,
    ]);
  });

  it("never gives a number twice, and tells the oldest first, whoever stays for long", () => {
    const table = new OpenTable();
    const stays = [opened(table), opened(table), opened(table)];
    const numbers = new Set<number>();
    for (let n = 0; n < 20_000; n++) {
      const item = opened(table);
      numbers.add(item.token);
      table.delete(item);
    }
    const last = opened(table);
    expect([numbers.size, table.values()]).toEqual([20_000, [...stays, last]]);
  });

  it("has a place for as many as the lanes let be open", () => {
    const table = new OpenTable();
    for (let n = 0; n < OPEN_MAX; n++) opened(table);
    expect(table.size).toBe(OPEN_MAX);
  });

  it("says so when there is no place", () => {
    const table = new OpenTable();
    expect(() => {
      for (;;) opened(table);
    }).toThrow(RangeError);
  });
});
