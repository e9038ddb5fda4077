import { describe, expect, it } from "vitest";
import { emptyRow } from "../auditor/ledger.ts";
import type { BoardRow } from "../board.ts";
import type { Line } from "../plain-words.ts";
import { frame, type Scene, type Size } from "./frame.ts";
import { paint } from "./paint.ts";

const row = (index: number): BoardRow => ({
  scheduleId: `schedule-${index}`,
  trigger: "interval 1 s",
  status: "active",
  nextAt: "2026-11-21T09:00:05Z",
  lagMs: 2,
  fired: index,
});
const event = (index: number): Line => ({
  at: "09:00:05.002",
  words: `event ${index} of a schedule with a rather long name → cmd.notification.send.something-long`,
  tone: "fired",
});
const many = <Item>(count: number, make: (index: number) => Item): Item[] =>
  Array.from({ length: count }, (_, index) => make(index + 1));

const scene: Scene = {
  headline: "Carillon · 2 workers",
  corner: "0:12",
  board: many(9, row),
  ledger: { ...emptyRow("total"), planned: 12, fired: 11, waiting: 1 },
  act: "2/6 An act",
  notes: [
    "A note that is long enough to need a second line on a terminal of eighty columns, as notes may be.",
  ],
  events: many(50, event),
};

const draw = (size: Size, more: Partial<Scene> = {}): string[] =>
  frame({ ...scene, ...more }, size, paint(false));

describe("the screen", () => {
  it.each([
    [80, 24],
    [132, 50],
    [60, 15],
    [40, 10],
    [20, 5],
    [10, 3],
  ])("fits %i × %i", (columns, rows) => {
    const lines = draw({ columns, rows });
    expect(lines.length).toBeLessThanOrEqual(rows);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(columns);
  });

  it("shows all of it on 80 × 24, the newest events last", () => {
    const lines = draw({ columns: 80, rows: 24 });
    expect(lines).toHaveLength(24);
    expect(lines[0]).toMatch(/^Carillon · 2 workers +0:12$/);
    expect(lines[2]).toBe("schedule-1       interval 1 s            09:00:05             2 ms       1");
    expect(lines[10]).toContain("schedule-9");
    expect(lines[11]).toBe("ledger: planned 12 = fired 11 + explained 0 + waiting 1 · lost 0 · doubled 0");
    expect(lines[12]).toMatch(/^── 2\/6 An act ─+$/);
    expect(lines.at(-1)).toContain("event 50");
  });

  it("says how many schedules it had to leave out", () => {
    const lines = draw({ columns: 80, rows: 24 }, { board: many(40, row) });
    expect(lines).toHaveLength(24);
    expect(lines.find((line) => line.includes("more"))).toBe("… and 28 more");
    expect(lines.filter((line) => line.includes("event "))).toHaveLength(4);
  });

  it("leaves out first what will not fire again", () => {
    const done = { ...row(1), status: "completed" };
    const lines = draw({ columns: 80, rows: 24 }, { board: [done, ...many(40, (index) => row(index + 1))] });
    expect(lines[2]).toContain("schedule-2");
  });

  it("colours only where colours are wanted", () => {
    expect(frame(scene, { columns: 80, rows: 24 }, paint(true)).join("")).toContain("\x1b[");
    expect(draw({ columns: 80, rows: 24 }).join("")).not.toContain("\x1b");
  });
});
