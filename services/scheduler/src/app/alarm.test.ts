import { describe, expect, it } from "vitest";
import { ALARM_MAX_MS, Alarm } from "./alarm.ts";
import type { Clock } from "./ports.ts";

/** A clock that is moved by hand; timers run when their moment is reached. */
function handClock() {
  let nowMs = 0;
  let timers: { atMs: number; wake: () => void }[] = [];
  const clock: Clock = {
    now: () => nowMs,
    monotonicMs: () => nowMs,
    after: (delayMs, wake) => {
      const timer = { atMs: nowMs + delayMs, wake };
      timers.push(timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
  };
  const moveTo = (ms: number): void => {
    nowMs = ms;
    const due = timers.filter(({ atMs }) => atMs <= ms);
    timers = timers.filter(({ atMs }) => atMs > ms);
    for (const { wake } of due) wake();
  };
  return { clock, moveTo, pending: () => timers.length };
}

function alarm() {
  const hand = handClock();
  const rings: number[] = [];
  return { ...hand, rings, alarm: new Alarm(hand.clock, () => rings.push(hand.clock.now())) };
}

describe("an alarm", () => {
  it("rings at its moment, once", () => {
    const { alarm: tested, moveTo, rings } = alarm();
    tested.set(300);
    moveTo(299);
    moveTo(300);
    moveTo(900);
    expect(rings).toEqual([300]);
  });

  it("rings at the tick of its moment, where the clock has ticks", () => {
    const { clock, moveTo } = handClock();
    const rings: number[] = [];
    const tested = new Alarm({ ...clock, tickMs: 4 }, () => rings.push(clock.now()));
    tested.set(8);
    moveTo(8);
    tested.set(9);
    moveTo(11);
    moveTo(12);
    expect(rings).toEqual([8, 12]);
  });

  it("rings after a second at the latest, so that a changed clock is noticed", () => {
    const { alarm: tested, moveTo, rings } = alarm();
    tested.set(86_400_000);
    moveTo(ALARM_MAX_MS);
    expect(rings).toEqual([ALARM_MAX_MS]);
  });

  it("is moved only to an earlier moment", () => {
    const { alarm: tested, moveTo, rings, pending } = alarm();
    tested.set(500);
    tested.set(900);
    tested.set(200);
    expect(pending()).toBe(1);
    moveTo(200);
    expect(rings).toEqual([200]);
  });

  it("rings at once for what is overdue", () => {
    const { alarm: tested, moveTo, rings } = alarm();
    moveTo(1_000);
    tested.set(Number.NEGATIVE_INFINITY);
    moveTo(1_000);
    expect(rings).toEqual([1_000]);
  });

  it("is silent once it is stopped", () => {
    const { alarm: tested, moveTo, rings } = alarm();
    tested.set(100);
    tested.stop();
    moveTo(500);
    expect(rings).toEqual([]);
  });
});
