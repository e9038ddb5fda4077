/** Triggers and bounds that no worker may accept: numbers at the ends of their ranges, and expressions made to be dear. */

import type { ErrorCode } from "@carillon/contracts";
import { ahead, define, every, manual, once } from "./definition.ts";
import type { Row } from "./refused-definitions.ts";

const cron = (expression: string, timezone = "UTC") => define({ type: "cron", expression, timezone });
const rrule = (rule: string) => define({ type: "rrule", rrule: rule });

const EVERY = "/trigger/everySeconds";
const EXPRESSION = "/trigger/expression";
const RRULE = "/trigger/rrule";

const BOMBS: readonly [rule: string, code: ErrorCode][] = [
  ["FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", "never_fires"],
  ["FREQ=DAILY;INTERVAL=-1", "invalid_trigger"],
  ["FREQ=DAILY;INTERVAL=abc", "invalid_trigger"],
  ["FREQ=DAILY;BYMONTHDAY=32", "invalid_trigger"],
  ["FREQ=DAILY;BYHOUR=24", "invalid_trigger"],
  ["FREQ=HOURLY;BYSETPOS=30", "invalid_trigger"],
  ["FREQ=HOURLY;INTERVAL=4;BYHOUR=7,11", "never_fires"],
  ["FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30", "never_fires"],
  ["FREQ=SECONDLY;INTERVAL=10;BYSECOND=2,15", "never_fires"],
  ["FREQ=DAILY;FREQ=WEEKLY", "invalid_trigger"],
  ["FREQ=DAILY;COUNT=1000000000", "trigger_too_complex"],
  ["DTSTART;TZID=:20260101T000000\nRRULE:FREQ=DAILY", "invalid_timezone"],
  ["DTSTART;TZID=../../etc/passwd:20260101T000000\nRRULE:FREQ=DAILY", "invalid_timezone"],
  [
    `DTSTART:20270101T000000Z\nRDATE:${Array(1_500).fill("20280101T000000Z").join(",")}`,
    "trigger_too_complex",
  ],
  ["\n".repeat(32_000), "invalid_trigger"],
];

export const TIMES: Row[] = [
  ...["Mars/Olympus", "../../etc/passwd", "Europe/Vienna\0", "+01:00", "", "Europe/Vιenna"].map(
    (zone): Row => [
      `the zone ${JSON.stringify(zone)}`,
      "invalid_timezone",
      "/trigger/timezone",
      cron("0 9 * * *", zone),
    ],
  ),
  ["a zone of 100 KB", "invalid_definition", "/trigger/timezone", cron("0 9 * * *", "A/".repeat(50_000))],
  ["everySeconds 0", "invalid_definition", EVERY, every(0)],
  ["everySeconds -1", "invalid_definition", EVERY, every(-1)],
  ["everySeconds 0.05", "invalid_definition", EVERY, every(0.05)],
  ["everySeconds 1e308", "invalid_definition", EVERY, every(1e308)],
  ["a cron expression that cannot be read", "invalid_trigger", "/trigger/expression", cron("61 * * * *")],
  ["a cron expression of four fields", "invalid_trigger", "/trigger/expression", cron("* * * *")],
  ["an empty cron expression", "invalid_trigger", "/trigger/expression", cron("")],
  ["a cron expression that never fires", "never_fires", "/trigger/expression", cron("0 0 30 2 *")],
  ["a cron bomb of a step", "invalid_trigger", EXPRESSION, cron("99999999/1 * * * *")],
  ["a cron bomb of a range", "invalid_trigger", EXPRESSION, cron("0-99999999 * * * *")],
  ["a cron expression that is over long", "invalid_definition", EXPRESSION, cron("0,".repeat(10_000))],
  ["a cron expression of 100 KB of spaces", "invalid_definition", EXPRESSION, cron(" ".repeat(100_000))],
  ["@every 1ns", "invalid_trigger", EXPRESSION, cron("@every 1ns")],
  ...BOMBS.map(
    ([rule, code]): Row => [`the rule ${JSON.stringify(rule.slice(0, 60))}`, code, RRULE, rrule(rule)],
  ),
  ["a rule of 100 KB", "invalid_definition", RRULE, rrule(`FREQ=DAILY;BYMONTHDAY=${"1,".repeat(50_000)}1`)],
  ["a rule that cannot be read", "invalid_trigger", "/trigger/rrule", rrule("FREQ=SOMETIMES")],
  [
    "a rule that is over",
    "never_fires",
    "/trigger/rrule",
    rrule("DTSTART:20200101T000000Z\nRRULE:FREQ=DAILY;COUNT=3"),
  ],
  [
    "an instant in the past",
    "at_in_past",
    "/trigger/at",
    { ...manual(), trigger: { type: "at", at: "2020-01-01T00:00:00Z" } },
  ],
  ["an instant too far away", "at_too_far", "/trigger/at", once(ahead(366 * 86_400))],
  [
    "an end before the start",
    "invalid_bounds",
    "/endAt",
    every(1, { startAt: "2050-01-02T00:00:00Z", endAt: "2050-01-01T00:00:00Z" }),
  ],
  [
    "an end at the start",
    "invalid_bounds",
    "/endAt",
    every(1, { startAt: "2050-01-01T00:00:00Z", endAt: "2050-01-01T01:00:00+01:00" }),
  ],
  [
    "a start in the year 10000",
    "invalid_definition",
    "/startAt",
    every(1, { startAt: "9999-12-31T23:59:59-10:00" }),
  ],
  [
    "an instant of 100 KB",
    "invalid_definition",
    "/trigger/at",
    { ...manual(), trigger: { type: "at", at: `2026-01-01T00:00:00.${"1".repeat(100_000)}Z` } },
  ],
  [
    "a jitter longer than the interval",
    "jitter_too_long",
    "/jitterSeconds",
    every(10, { jitterSeconds: 10 }),
  ],
];
