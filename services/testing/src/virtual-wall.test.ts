import { describe, expect, it } from "vitest";
import { VirtualClock } from "./virtual-clock.ts";
import { VirtualTime } from "./virtual-time.ts";
import { VirtualWall } from "./virtual-wall.ts";

describe("the clock of a machine", () => {
  it("may run fast: its wall, its durations and its timers alike", async () => {
    const time = new VirtualTime();
    const wall = new VirtualWall(time, 1_000_000);
    const clock = new VirtualClock(time, wall);
    wall.run(1.25);
    let wokenMs = 0;
    clock.after(1_000, () => {
      wokenMs = time.nowMs;
    });
    await time.runUntil(2_000);
    expect(wokenMs).toBe(800);
    expect(clock.monotonicMs()).toBe(2_500);
    expect(clock.now()).toBe(1_002_500);
  });

  it("resumes after a stall in the order in which it was asked", async () => {
    const time = new VirtualTime();
    const clock = new VirtualClock(time, 0);
    const heard: string[] = [];
    clock.after(10, () => heard.push("later"));
    clock.stall(10);
    await time.runUntil(5);
    clock.run(() => heard.push("first"));
    await time.runUntil(20);
    expect(heard).toEqual(["first", "later"]);
  });

  it("is set without a process that looks at it noticing in its durations", async () => {
    const time = new VirtualTime();
    const wall = new VirtualWall(time, 0);
    await time.runUntil(500);
    const clock = new VirtualClock(time, wall);
    wall.step(-100);
    await time.runUntil(600);
    expect(clock.now()).toBe(500);
    expect(clock.monotonicMs()).toBe(100);
  });
});
