import { describe, expect, it } from "vitest";
import { OWN_LANE } from "../../app/ports.ts";
import { Lanes, OPEN_MAX, OWN_RESERVED } from "./lanes.ts";

function fill(lanes: Lanes<string>, lane: string): number {
  let taken = 0;
  while (lanes.room(lane) > 0 && lanes.take(lane, "message")) taken++;
  return taken;
}

describe("lanes", () => {
  it("give each target stream an eighth of the pool, and the own lane all of it", () => {
    const lanes = new Lanes<string>(200);
    expect([lanes.room(OWN_LANE), lanes.room("A"), lanes.room("B")]).toEqual([200, 25, 25]);
    fill(lanes, "A");
    expect([lanes.room(OWN_LANE), lanes.room("A"), lanes.room("B")]).toEqual([200, 0, 25]);
  });

  it("leave room for the own lane however many targets are stuck", () => {
    const lanes = new Lanes<string>(4_096);
    for (const stuck of "ABCDEFGHIJ") fill(lanes, stuck);
    expect(lanes.open()).toBe(OPEN_MAX - OWN_RESERVED);
    expect(lanes.room(OWN_LANE)).toBe(OWN_RESERVED);
  });

  it("never hold more than the bound over all", () => {
    const lanes = new Lanes<string>(100_000);
    expect(fill(lanes, OWN_LANE)).toBe(OPEN_MAX);
    expect(lanes.room("A")).toBe(0);
  });

  it("let what waits begin in order, one for each place that is given back", () => {
    const lanes = new Lanes<string>(4);
    expect([lanes.take("A", "first"), lanes.take("A", "second"), lanes.take("A", "third")]).toEqual([
      true,
      false,
      false,
    ]);
    const begun: string[] = [];
    lanes.give("A", (message) => begun.push(message));
    expect(begun).toEqual(["second"]);
    lanes.give("A", (message) => begun.push(message));
    lanes.give("A", (message) => begun.push(message));
    expect(begun).toEqual(["second", "third"]);
    expect(lanes.open()).toBe(0);
  });

  it("survive thousands that end as soon as they begin", () => {
    const lanes = new Lanes<number>(4);
    for (let n = 0; n < 50_000; n++) lanes.take("A", n);
    let begun = 0;
    const begin = (): void => {
      begun++;
      lanes.give("A", begin);
    };
    lanes.give("A", begin);
    expect([begun, lanes.open()]).toEqual([49_999, 0]);
  });

  it("hand out what waits when all is abandoned", () => {
    const lanes = new Lanes<string>(4);
    lanes.take("A", "first");
    lanes.take("A", "second");
    expect(lanes.abandon()).toEqual(["second"]);
  });
});
