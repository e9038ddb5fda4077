import type { Trigger } from "@carillon/contracts";
import { describe, expect, it } from "vitest";
import { duration, shortTimeOfDay, timeOfDay, triggerWords } from "./wording.ts";

describe("timeOfDay", () => {
  it("is UTC to the millisecond, and shorter where there are none", () => {
    expect(timeOfDay("2026-11-21T09:00:05.002Z")).toBe("09:00:05.002");
    expect(shortTimeOfDay("2026-11-21T10:00:05+01:00")).toBe("09:00:05");
    expect(shortTimeOfDay(Date.UTC(2026, 10, 21, 9, 0, 5, 20))).toBe("09:00:05.020");
    expect(timeOfDay("soon")).toBe("--:--:--");
  });
});

describe("duration", () => {
  it.each([
    [2, "2 ms"],
    [999.4, "999 ms"],
    [999.6, "1.0 s"],
    [61_230, "61.2 s"],
  ])("%s ms: %s", (ms, text) => expect(duration(ms)).toBe(text));
});

describe("triggerWords", () => {
  it.each<[Trigger, string]>([
    [{ type: "cron", expression: "*/5 * * * * *" }, "cron */5 * * * * *"],
    [{ type: "rrule", rrule: "FREQ=SECONDLY;INTERVAL=4" }, "rrule SECONDLY/4"],
    [{ type: "rrule", rrule: "FREQ=DAILY;BYHOUR=9" }, "rrule FREQ=DAILY;BYHOUR=9"],
    [{ type: "interval", everySeconds: 1 }, "interval 1 s"],
    [{ type: "delay", delaySeconds: 3 }, "delay 3 s"],
    [{ type: "at", at: "2026-11-21T09:00:05Z" }, "at 09:00:05"],
    [{ type: "immediate" }, "immediate"],
    [{ type: "manual" }, "manual"],
  ])("%j: %s", (trigger, words) => expect(triggerWords(trigger)).toBe(words));
});
