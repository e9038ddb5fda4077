import { describe, expect, it } from "vitest";
import { Series } from "./series.ts";

function seriesOf(...numbers: number[]): Series {
  const series = new Series();
  for (const number of numbers) series.add(number);
  return series;
}

describe("a series", () => {
  it("knows what has not come", () => {
    const series = seriesOf(1, 0, 4, 6);
    expect(series.next).toBe(2);
    expect(series.missing(6)).toEqual([2, 3, 5]);
  });

  it("counts what came again, in its turn or before it", () => {
    expect(seriesOf(0, 1, 1, 3, 3, 0).doubled).toBe(3);
    expect(seriesOf(2, 1, 0).doubled).toBe(0);
  });
});
