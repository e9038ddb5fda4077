import { describe, expect, it } from "vitest";
import { OWN_LANE } from "./ports.ts";
import { Windows } from "./windows.ts";

const windowsOf = (rooms: Record<string, number>): Windows =>
  new Windows({ room: (lane) => rooms[lane] ?? 0 });

const enterAll = (windows: Windows, lane: string, tries: number): number =>
  Array.from({ length: tries }, () => windows.enter(lane)).filter(Boolean).length;

describe("the windows", () => {
  it("let in as many as their lane has room for", () => {
    expect(enterAll(windowsOf({ a: 3, [OWN_LANE]: 100 }), "a", 9)).toBe(3);
  });

  it("of a full lane leave room for the others", () => {
    const windows = windowsOf({ a: 3, b: 2, [OWN_LANE]: 100 });
    enterAll(windows, "a", 9);
    expect(enterAll(windows, "b", 9)).toBe(2);
  });

  it("never let in more than the events and states have room for", () => {
    const windows = windowsOf({ a: 10, b: 10, [OWN_LANE]: 12 });
    expect(enterAll(windows, "a", 99) + enterAll(windows, "b", 99)).toBe(12);
  });

  it("give a place back once it is left", () => {
    const windows = windowsOf({ a: 1, [OWN_LANE]: 1 });
    expect([windows.enter("a"), windows.enter("a")]).toEqual([true, false]);
    windows.leave("a");
    expect(windows.enter("a")).toBe(true);
  });

  it("reserve nothing for whom they turn away", () => {
    const windows = windowsOf({ a: 0, b: 1, [OWN_LANE]: 1 });
    enterAll(windows, "a", 5);
    expect(windows.enter("b")).toBe(true);
  });
});
