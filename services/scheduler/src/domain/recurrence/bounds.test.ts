import { describe, expect, it } from "vitest";
import { ANSWER_STEPS_MAX, SEARCH_STEPS_MAX } from "./budget.ts";
import { compile, preview, type Recurrence, resolve } from "./index.ts";

const ACCEPTED_AT = Date.UTC(2026, 10, 21, 9);
const YEAR_MS = 31_556_952_000;

function refusal(rrule: string): { code: string; message: string } {
  const context = { acceptedAt: ACCEPTED_AT, startAt: null, defaultTimezone: "UTC", lookaheadMs: 0 };
  const resolved = resolve({ type: "rrule", rrule }, context);
  return resolved.ok ? { code: "ok", message: "" } : resolved.fault;
}

function recurrenceOf(rrule: string, timezone = "UTC"): Recurrence {
  const compiled = compile(
    { type: "rrule", rrule, timezone, dst: { gap: "shift", overlap: "first" } },
    ACCEPTED_AT,
  );
  if (!compiled.ok) throw new Error(compiled.fault.message);
  return compiled.recurrence;
}

/** Steps that one question costs. */
function stepsOf(recurrence: Recurrence, ask: () => unknown): number {
  const { spent } = recurrence.effort;
  ask();
  return recurrence.effort.spent - spent;
}

const values = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, n) => from + n).join(",");
const zones = (name: string, sign: string, count: number) =>
  Array.from({ length: count }, (_, n) => `${name};TZID=Etc/GMT${sign}${n + 1}:20270101T000000`);
const times = (count: number) => Array.from({ length: count }, () => "20270101T000000").join(",");

describe("a trigger beyond a limit", () => {
  it.each([
    ["rrule of 32787 characters: expected at most 32768", `FREQ=DAILY;BYHOUR=${"1,".repeat(16_384)}1`],
    ["RDATE values: 1001, expected at most 1000", `RDATE:${times(1_001)}`],
    [
      "time zones of RDATE and EXDATE lines: 17, expected at most 16",
      [...zones("RDATE", "-", 10), ...zones("EXDATE", "+", 7)].join("\n"),
    ],
    ["EXDATE values: 1001, expected at most 1000", `RRULE:FREQ=DAILY\nEXDATE:${times(1_001)}`],
    ["RRULE lines: 5, expected at most 4", "RRULE:FREQ=DAILY\n".repeat(5)],
    ["EXRULE lines: 5, expected at most 4", `RRULE:FREQ=DAILY\n${"EXRULE:FREQ=DAILY\n".repeat(5)}`],
    ['COUNT "10001": expected 1 to 10000', "FREQ=DAILY;COUNT=10001"],
    ['INTERVAL "1000000000": expected 1 to 999999999', "FREQ=DAILY;INTERVAL=1000000000"],
    [
      "within 50000 steps of all rules together; expected UNTIL",
      "FREQ=SECONDLY;INTERVAL=997;BYHOUR=3;BYMINUTE=4;BYSECOND=5;COUNT=10000",
    ],
    ["found within 50000 steps of searching", "RRULE:FREQ=DAILY\nEXRULE:FREQ=DAILY"],
  ])("is refused: %s", (message, rrule) => {
    const { code, message: said } = refusal(rrule);
    expect(code).toBe("trigger_too_complex");
    expect(said).toContain(message);
  });
});

describe("a rule that never fires", () => {
  it.each([
    "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
    "FREQ=DAILY;INTERVAL=7;BYDAY=SA",
    "FREQ=WEEKLY;BYDAY=MO;BYMONTH=2;BYSETPOS=2",
    "FREQ=WEEKLY;INTERVAL=4;BYMONTH=2;BYDAY=MO,TU;BYSETPOS=13",
    "FREQ=MONTHLY;INTERVAL=12;BYMONTH=3",
    "FREQ=MONTHLY;BYMONTHDAY=1;BYSETPOS=366",
    "FREQ=YEARLY;BYYEARDAY=366;BYMONTH=1",
    "FREQ=YEARLY;INTERVAL=2;BYMONTH=2;BYMONTHDAY=29",
    "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=31;COUNT=9999",
    "FREQ=HOURLY;INTERVAL=24;BYHOUR=5",
    "FREQ=HOURLY;BYMINUTE=1;BYSETPOS=2",
    "FREQ=MINUTELY;INTERVAL=1440;BYHOUR=5",
    "FREQ=SECONDLY;INTERVAL=1440;BYWEEKNO=-43,-50;BYSECOND=36,27,29",
    "FREQ=SECONDLY;BYMONTH=2,4;BYMONTHDAY=31",
  ])("%s is proved so, without running out of steps", (rrule) => {
    const recurrence = recurrenceOf(`DTSTART:20270101T000000\nRRULE:${rrule}`);
    const steps = stepsOf(recurrence, () => expect(recurrence.next(ACCEPTED_AT)).toBeNull());
    expect(recurrence.effort.ranOut).toBe(false);
    expect(steps).toBeLessThan(SEARCH_STEPS_MAX / 2);
    expect(refusal(`DTSTART:20270101T000000\nRRULE:${rrule}`).code).toBe("never_fires");
  });
});

describe("the next time", () => {
  const EXDATES = "EXDATE:20270105T090000,20270106T090000";
  it.each([
    "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10",
    "RRULE:FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
    "RRULE:FREQ=WEEKLY;BYDAY=MO;BYHOUR=9,17",
    "RRULE:FREQ=WEEKLY;BYDAY=MO;BYHOUR=9,17;COUNT=10000",
    "RRULE:FREQ=DAILY;INTERVAL=3",
    `RRULE:FREQ=DAILY\n${EXDATES}`,
    "RRULE:FREQ=HOURLY;INTERVAL=5",
    "RRULE:FREQ=MINUTELY;BYHOUR=9",
    "RRULE:FREQ=SECONDLY;INTERVAL=7;COUNT=10000",
  ])("of %s costs a few steps, however far from DTSTART", (lines) => {
    const startAt = Date.UTC(2027, 0, 4, 14);
    const recurrence = recurrenceOf(`DTSTART:20270104T090000\n${lines}`, "America/New_York");
    const places = [-1000, -20, 0.9, 20, 150, 5000].map((years) => startAt + years * YEAR_MS);
    for (const after of places) {
      expect(stepsOf(recurrence, () => recurrence.next(after))).toBeLessThanOrEqual(40);
    }
  });
});

describe("a question that walks", () => {
  const NEARLY_ALL = [
    "RRULE:FREQ=SECONDLY",
    `EXRULE:FREQ=SECONDLY;BYMINUTE=${values(1, 59)}`,
    `EXRULE:FREQ=SECONDLY;BYSECOND=${values(1, 59)}`,
  ].join("\n");

  it("ends with what it has found where each time is dear, and there are more", () => {
    const recurrence = recurrenceOf(`DTSTART:20270101T000000\n${NEARLY_ALL}`);
    let found: readonly number[] = [];
    const steps = stepsOf(recurrence, () => {
      found = preview(recurrence, ACCEPTED_AT, 1_000);
    });
    expect(found.length).toBeGreaterThan(0);
    expect(found.length).toBeLessThan(1_000);
    expect(steps).toBeLessThanOrEqual(ANSWER_STEPS_MAX + SEARCH_STEPS_MAX);
    expect(recurrence.next(found.at(-1) ?? 0)).not.toBeNull();
  });

  it.each([
    "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29",
    "FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3,10",
    "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
    "FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13",
    "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH;BYHOUR=9,17",
    "FREQ=DAILY;INTERVAL=10;COUNT=10000",
    "FREQ=HOURLY;BYDAY=MO,TU,WE,TH,FR;BYHOUR=9,10,11,12,13,14,15,16",
    "FREQ=MINUTELY;INTERVAL=15;BYHOUR=9",
  ])("finds 1,000 times of %s at once", (rrule) => {
    const recurrence = recurrenceOf(`DTSTART:20270101T090000\nRRULE:${rrule}`, "Europe/Vienna");
    const steps = stepsOf(recurrence, () =>
      expect(preview(recurrence, ACCEPTED_AT, 1_000)).toHaveLength(1_000),
    );
    expect(steps).toBeLessThanOrEqual(ANSWER_STEPS_MAX);
  });

  it("counts on from there when it is asked again", () => {
    const recurrence = recurrenceOf(`DTSTART:20270101T000000\n${NEARLY_ALL}`, "Europe/Vienna");
    const until = Date.UTC(2027, 0, 3);
    let after = ACCEPTED_AT;
    let count = 0;
    for (let complete = false; !complete; ) {
      const tally = recurrence.tally(after, until, 2_000);
      count += tally.count;
      complete = tally.complete;
      after = tally.last ?? after;
    }
    expect(count).toBe(50);
  });
});
