import { describe, expect, it } from "vitest";
import { violations } from "./laws/index.ts";
import { PLANTS, type Plant } from "./plants.ts";
import { SHARING_PLANTS } from "./sharing-plants.ts";
import { run } from "./world.ts";

/** Seeds of every run of the tests; `npm run sim` takes as many as one likes. */
const SEEDS = 200;

/** Seeds that one test runs, so that a failure names a few. */
const PART = 20;

const brokenBy = async (seed: number, plant?: Plant) =>
  violations(await run(seed, plant)).map(({ law, what }) => `seed ${seed}: ${law}: ${what}`);

describe("no law is broken", () => {
  const parts = Array.from({ length: SEEDS / PART }, (_, part) => 1 + part * PART);
  it.each(parts)(`by ${PART} seeds from %d on`, { timeout: 120_000 }, async (first) => {
    for (let seed = first; seed < first + PART; seed++) expect(await brokenBy(seed)).toEqual([]);
  });
});

describe("the same seed", () => {
  it("takes the same course", async () => {
    const [one, two] = [await run(3), await run(3)];
    expect(one.states).toEqual(two.states);
    expect(one.told.map(({ atMs, signal }) => [atMs, signal.kind])).toEqual(
      two.told.map(({ atMs, signal }) => [atMs, signal.kind]),
    );
  });
});

/** Runs that broke a law before the bug was mended. */
const ONCE_BROKEN: [what: string, seed: number][] = [
  ["a worker that could not reach the leases, and misses nothing, is fit again once it can", 104],
  ["and so are two at once", 266],
];

describe("after the bug was mended", () => {
  it.each(ONCE_BROKEN)("%s (seed %d)", async (_what, seed) => {
    expect(await brokenBy(seed)).toEqual([]);
  });
});

/** Seeds that a plant is given to show itself; most need one. */
const TRIES = 200;

const ALL_PLANTS: Readonly<Record<string, Plant>> = { ...PLANTS, ...SHARING_PLANTS };

describe("the laws catch a scheduler that", () => {
  it.each(Object.entries(ALL_PLANTS))("%s", { timeout: 120_000 }, async (_what, plant) => {
    let broken: string[] = [];
    for (let seed = 1; seed <= TRIES && broken.length === 0; seed++) broken = await brokenBy(seed, plant);
    expect(broken).not.toEqual([]);
  });
});
