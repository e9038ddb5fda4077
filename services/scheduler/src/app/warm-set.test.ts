import { describe, expect, it } from "vitest";
import { Held } from "./held.ts";
import { WarmSet } from "./warm-set.ts";

const heldOf = (scheduleId: string) => new Held({ key: `0.acme.${scheduleId}`, tenant: "acme" });

/** A set of two places, and who went cold. */
function ofTwo() {
  const cooled: string[] = [];
  const set = new WarmSet(2);
  const rest = (held: Held, wakeAt: number | null): void =>
    set.rest(held, wakeAt, ({ scheduleId }) => void cooled.push(scheduleId));
  return { set, rest, cooled };
}

describe("the warm set", () => {
  it("lets go cold whoever wakes last, when there are too many", () => {
    const { rest, cooled } = ofTwo();
    rest(heldOf("noon"), 12);
    rest(heldOf("evening"), 18);
    rest(heldOf("morning"), 9);
    expect(cooled).toEqual(["evening"]);
    rest(heldOf("night"), 23);
    expect(cooled).toEqual(["evening", "night"]);
  });

  it("admits whoever would stay, and nobody in exchange for one that wakes as soon", () => {
    const { set, rest } = ofTwo();
    rest(heldOf("noon"), 12);
    expect(set.admits(23)).toBe(true);
    rest(heldOf("evening"), 18);
    expect([17, 18, 19].map((at) => set.admits(at))).toEqual([true, false, false]);
  });

  it("lets go first whoever only a command wakes", () => {
    const { rest, cooled } = ofTwo();
    rest(heldOf("paused"), null);
    rest(heldOf("next year"), 8_760);
    rest(heldOf("tomorrow"), 24);
    expect(cooled).toEqual(["paused"]);
  });

  it("goes by the last instant at which each rested, and forgets who is at work", () => {
    const { set, rest, cooled } = ofTwo();
    const [one, other] = [heldOf("one"), heldOf("other")];
    rest(one, 30);
    rest(other, 20);
    rest(one, 10);
    expect(set.room).toBe(0);
    rest(heldOf("third"), 15);
    expect(cooled).toEqual(["other"]);
    set.forget(one);
    set.forget(one);
    expect(set.room).toBe(1);
  });

  it("keeps everybody where it is not bounded", () => {
    const set = new WarmSet(Number.POSITIVE_INFINITY);
    const nobody = (): never => {
      throw new Error("went cold");
    };
    for (const scheduleId of ["a", "b", "c"]) set.rest(heldOf(scheduleId), null, nobody);
    expect(set.room).toBe(Number.POSITIVE_INFINITY);
  });
});
