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

  it("give a turn to each that waits before any has a second one", () => {
    const rooms = { a: 0, [OWN_LANE]: 100 };
    const windows = windowsOf(rooms);
    const turns: string[] = [];
    const waiting = (name: string) => (): void => {
      turns.push(name);
      if (windows.enter("a", true)) rooms.a--;
      windows.leave("a");
      windows.wait("a", again.get(name) ?? (() => {}));
    };
    const again = new Map(["one", "two", "three"].map((name) => [name, waiting(name)]));
    for (const turn of again.values()) windows.wait("a", turn);
    for (let free = 0; free < 6; free++) {
      rooms.a = 1;
      windows.admit();
    }
    expect(turns).toEqual(["one", "two", "three", "one", "two", "three"]);
  });

  it("let nobody in before those that wait", () => {
    const rooms = { a: 0, [OWN_LANE]: 100 };
    const windows = windowsOf(rooms);
    windows.wait("a", () => {});
    rooms.a = 1;
    expect(windows.enter("a")).toBe(false);
    windows.admit();
    expect(windows.enter("a")).toBe(true);
  });
});
