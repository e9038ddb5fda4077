import { describe, expect, it } from "vitest";
import { type Panel, readBoard } from "./files.ts";

/** Width of a board in Grafana's units. */
const COLUMNS = 24;

const { panels } = readBoard();
const drawn = panels.filter(({ type }) => type !== "row");

const cellsOf = ({ gridPos: { x, y, w, h } }: Panel): string[] =>
  Array.from({ length: w * h }, (_, cell) => `${x + (cell % w)} ${y + Math.floor(cell / w)}`);

describe("the board", () => {
  it("has no two panels of one id, and none without a word of explanation", () => {
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    expect(drawn.filter(({ description }) => !description)).toEqual([]);
  });

  it("lays its panels side by side, none over another and none beyond the edge", () => {
    const cells = panels.flatMap(cellsOf);
    expect(new Set(cells).size).toBe(cells.length);
    expect(panels.filter(({ gridPos: { x, w } }) => x + w > COLUMNS)).toEqual([]);
  });

  it("asks the data source and the installation that are chosen at its top", () => {
    for (const { datasource, targets = [] } of drawn) {
      expect(datasource?.uid).toMatch(/^\$\{datasource\}$/);
      expect(targets.length).toBeGreaterThan(0);
      for (const { expr } of targets) expect(expr).toContain('job="$job"');
    }
  });
});
