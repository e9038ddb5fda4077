/** The same for one server and for three: an owner is stopped at each of the chosen messages, and everything must come out even. */

import { expect, it } from "vitest";
import { inWords, isEven } from "./books.ts";
import { openFencing } from "./fencing.ts";
import { say } from "./measure.ts";
import { OWNING, type Point, TAKING } from "./stalls.ts";

const ALL = process.env["CARILLON_TEST_STALLS"] === "all";

/** A stall, the takeover, and the way back. */
const POINT_MS = 40_000;

/** `chosen`: without CARILLON_TEST_STALLS=all, when (before or after) the owner stalls at which message. */
export function fencing({
  cluster,
  chosen,
}: {
  cluster: boolean;
  chosen: Readonly<Record<string, Point["when"]>>;
}) {
  const points = Object.entries({ ...OWNING, ...TAKING }).flatMap(([what, message]): Point[] =>
    ALL
      ? [
          { what, message, when: "before" },
          { what, message, when: "after" },
        ]
      : what in chosen
        ? [{ what, message, when: chosen[what] ?? "before" }]
        : [],
  );
  it(`loses and doubles nothing when an owner stalls at ${points.length} messages, and it owns again`, {
    timeout: 60_000 + points.length * POINT_MS,
  }, async ({ onTestFinished }) => {
    const { owner, stall, unclaimed, close } = await openFencing({ cluster }, onTestFinished);
    const unfenced: string[] = [];
    for (const point of points) {
      const { fenced } = await stall(point, point.what in TAKING);
      say(`${point.when} ${point.what}: fenced from ${fenced} partitions`);
      if (fenced === 0) unfenced.push(`${point.when} ${point.what}`);
    }
    const late = unclaimed();
    const balance = await close();
    say(`${points.length} points, ${cluster ? "three servers" : "one server"}: ${inWords(balance)}`);
    expect(isEven(balance)).toBe(true);
    expect(late).toEqual([]);
    expect(unfenced).toEqual([]);
    expect(owner.log.items.filter(({ level }) => level === "error")).toEqual([]);
  });
}
