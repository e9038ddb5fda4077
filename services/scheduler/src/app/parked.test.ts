import { describe, expect, it } from "vitest";
import { Held } from "./held.ts";
import { Parked } from "./parked.ts";

const heldOf = (name: string): Held => new Held({ key: `0.acme.${name}`, tenant: "acme" });

function parkedOf(...names: string[]): { parked: Parked; helds: Held[] } {
  const parked = new Parked();
  const helds = names.map(heldOf);
  for (const [place, held] of helds.entries()) parked.add(names[place]?.slice(0, 1) ?? "", held, place);
  return { parked, helds };
}

const taken = (parked: Parked): string[] => {
  const ids: string[] = [];
  for (let held = parked.take(); held !== null; held = parked.take()) ids.push(held.scheduleId);
  return ids;
};

describe("what is parked", () => {
  it("is taken target by target, each in the order in which it came", () => {
    const { parked } = parkedOf("a1", "a2", "a3", "a4", "b1", "b2", "c1");
    expect(taken(parked)).toEqual(["a1", "b1", "c1", "a2", "b2", "a3", "a4"]);
  });

  it("keeps its place where it is parked again", () => {
    const { parked, helds } = parkedOf("a1", "a2");
    for (const held of helds.slice(0, 1)) parked.add("a", held, 9);
    expect([parked.size, parked.firstAt(), taken(parked)]).toEqual([2, 1, ["a1", "a2"]]);
  });

  it("is known while it waits, and as many as there are", () => {
    const { parked, helds } = parkedOf("a1", "a2");
    const known = (): boolean[] => helds.map((held) => parked.has("a", held));
    expect([known(), parked.size]).toEqual([[true, true], 2]);
    parked.take();
    expect([known(), parked.size]).toEqual([[false, true], 1]);
  });

  it("is nothing where nobody waits", () => {
    const parked = new Parked();
    expect([parked.take(), parked.firstAt(), parked.size]).toEqual([null, null, 0]);
  });
});
