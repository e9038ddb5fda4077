import { describe, expect, it } from "vitest";
import { type Slab, Slabs } from "./slabs.ts";

const HALF = 300_000;

/** A part of so many bytes, as if it were written. */
function taken(slabs: Slabs, bytes: number): Slab {
  const slab = slabs.withRoom(bytes);
  if (slab === null) throw new Error("no slab is as long");
  slab.used += bytes;
  slab.open++;
  return slab;
}

describe("slabs", () => {
  it("hold part after part until one is full", () => {
    const slabs = new Slabs();
    const first = taken(slabs, HALF);
    expect([taken(slabs, 1_000) === first, taken(slabs, HALF) === first]).toEqual([true, false]);
  });

  it("are used again when all of their parts are released", () => {
    const slabs = new Slabs();
    const first = taken(slabs, HALF);
    const second = taken(slabs, HALF);
    slabs.release(first);
    slabs.release(second);
    expect(second.used).toBe(0);
    expect([taken(slabs, HALF) === second, taken(slabs, HALF) === first]).toEqual([true, true]);
  });

  it("are left to whoever has not released its part", () => {
    const slabs = new Slabs();
    const first = taken(slabs, 1_000);
    taken(slabs, 1_000);
    slabs.release(first);
    const later = [taken(slabs, HALF), taken(slabs, HALF), taken(slabs, HALF)];
    expect([first.used, later.slice(1).includes(first)]).toEqual([2_000 + HALF, false]);
  });

  it("hold nothing that is longer than one of them", () => {
    expect(new Slabs().withRoom(1_000_000)).toBeNull();
  });
});
