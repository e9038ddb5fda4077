/** Good definitions, with every field there is, in all their variety; and the bodies of the other verbs. */

import fc from "fast-check";
import { oddJson, oddNumber, oddText } from "./odd.ts";

/** The clock of every input. */
export const NOW = Date.parse("2026-11-21T09:00:00Z");

const instant = fc
  .oneof(
    fc.integer({ min: -400, max: 400 }).map((days) => NOW + days * 86_400_000),
    fc.constantFrom(0, 253_402_300_799_000),
  )
  .map((at) => new Date(at).toISOString());

/** One in so many values is odd, so that most definitions get past all of them. */
const GOOD = 24;
const mostly = <T>(good: fc.Arbitrary<T>, ...odd: fc.Arbitrary<T>[]): fc.Arbitrary<T> =>
  fc.oneof({ weight: GOOD, arbitrary: good }, ...odd);

const ZONES = [
  "UTC",
  "Europe/Vienna",
  "America/New_York",
  "Asia/Kolkata",
  "Pacific/Apia",
  "EST",
  "Europe/Kyiv",
];
const ODD_ZONES = ["Mars/Olympus", "../../etc/passwd", "+01:00", "", "utc", "Europe/Vienna\0", "PST"];
const zone = mostly(fc.constantFrom(...ZONES), fc.constantFrom(...ODD_ZONES), oddText);

const joined = (text: string, glue: string, maxLength: number) =>
  fc.array(fc.constantFrom(...text.split(" ")), { maxLength }).map((parts) => parts.join(glue));

const CRONS = ["0 9 * * 1-5", "*/5 * * * * *", "@daily", "0 0 29 2 *", "0 0 L * ?", "0-59/1 0-23 * * *"];
const ODD_CRONS = ["0 0 30 2 *", "99999999/1 * * * *", "@every 1ns", "* * * *", "61 * * * *"];
const expression = mostly(
  fc.constantFrom(...CRONS),
  fc.constantFrom(...ODD_CRONS),
  joined("* 0 5 */2 1-5 L W ? 31 59 60 MON#2 JAN 1,2,3 99999999/1 @every", " ", 7),
  joined("* / , - # 0 9 59 L", "", 40),
  oddText,
);

const RULES = [
  "FREQ=DAILY",
  "FREQ=WEEKLY;BYDAY=MO,WE;COUNT=5",
  "DTSTART:20260101T000000Z\nRRULE:FREQ=HOURLY;INTERVAL=4;BYHOUR=7,11",
  "DTSTART;TZID=Europe/Vienna:20270328T023000\nRRULE:FREQ=YEARLY\nEXDATE:20280328T003000Z\nRDATE:20300101T000000Z",
];
const ODD_RULES = [
  "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
  "FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30;COUNT=999999999",
  "FREQ=YEARLY;BYDAY=53MO;BYSETPOS=-366;BYWEEKNO=53",
  "DTSTART;TZID=:20260101T000000\nRRULE:FREQ=DAILY",
];
const PARTS =
  "FREQ=DAILY FREQ=SECONDLY FREQ=YEARLY FREQ=MINUTELY INTERVAL=1 INTERVAL=-1 INTERVAL=abc COUNT=1000000000 UNTIL=20991231T000000Z BYDAY=MO BYDAY=53SU BYMONTH=2 BYMONTHDAY=30 BYMONTHDAY=32 BYSETPOS=366 BYHOUR=0,23 BYHOUR=24 BYSECOND=59 BYWEEKNO=53";
const manyDates = fc.integer({ min: 1, max: 1_200 }).map(
  (count) => `DTSTART:20270101T000000Z
RDATE:${Array(count).fill("20280101T000000Z").join(",")}`,
);
const rrule = mostly(
  fc.constantFrom(...RULES),
  fc.constantFrom(...ODD_RULES),
  joined(PARTS, ";", 6),
  manyDates,
  oddText,
);

const dst = fc.record(
  { gap: fc.constantFrom("next", "shift", "skip"), overlap: fc.constantFrom("first", "second", "both") },
  { requiredKeys: [] },
);
const seconds = mostly(
  fc.integer({ min: 1, max: 100_000 }).map((tenths) => tenths / 10),
  fc.constantFrom(0.1, 86_400, 315_576_000),
  oddNumber,
);

export const trigger = fc.oneof(
  fc.record(
    { type: fc.constant("cron"), expression, timezone: zone, dst, dayMatch: fc.constantFrom("or", "and") },
    { requiredKeys: ["type", "expression"] },
  ),
  fc.record({ type: fc.constant("rrule"), rrule, timezone: zone, dst }, { requiredKeys: ["type", "rrule"] }),
  fc.record(
    { type: fc.constant("interval"), everySeconds: seconds, startAt: instant },
    { requiredKeys: ["type", "everySeconds"] },
  ),
  fc.record({ type: fc.constant("delay"), delaySeconds: seconds }),
  fc.record({ type: fc.constant("at"), at: instant }),
  fc.constant({ type: "immediate" }),
  fc.constant({ type: "manual" }),
);

/** What the tenants file of the inputs allows, mostly. */
const WORDS =
  "cmd notification send orders a b c scheduler acme beta evt rpt rpc dead * > $JS _INBOX trigger x";
export const subject = mostly(
  fc.constantFrom("cmd.notification.send", "orders.new", "a.b.c", "cmd.scheduler.acme.trigger.other"),
  joined(WORDS, ".", 6),
  joined(WORDS, ".", 6),
  oddText,
);

const headerName = mostly(
  fc.constantFrom("X-Campaign", "traceparent", "content-type", "Natsy", "__proto__"),
  fc.constantFrom("Nats-Msg-Id", "nATS-TTL", "scheduler-tenant", "Nats-Schedule"),
  oddText,
);
const headers = fc
  .array(fc.tuple(headerName, mostly(fc.constantFrom("summary", "größer", "\u2028", " a "), oddText)), {
    maxLength: 5,
  })
  .map(Object.fromEntries);
const target = fc.record(
  { subject, delivery: fc.constantFrom("jetstream", "core"), headers },
  { requiredKeys: ["subject"] },
);

const few = mostly(fc.integer({ min: 1, max: 11 }), oddNumber);
const payload = fc.oneof(fc.jsonValue({ maxDepth: 3 }), oddText, oddNumber, oddJson);
const text = mostly(fc.constantFrom("Daily summary", "größer", "x".repeat(64)), oddText);

const optional = {
  name: text,
  description: text,
  payload,
  startAt: fc.option(instant),
  endAt: fc.option(instant),
  maxExecutions: fc.option(few),
  jitterSeconds: seconds,
  misfire: fc.record(
    { policy: fc.constantFrom("skip", "fire_once", "fire_all"), graceSeconds: seconds, maxCatchUp: few },
    { requiredKeys: [] },
  ),
  retry: fc.record(
    {
      maxAttempts: few,
      initialDelaySeconds: seconds,
      factor: few,
      maxDelaySeconds: seconds,
      jitterRatio: fc.constantFrom(0, 0.1, 1),
    },
    { requiredKeys: [] },
  ),
  completion: fc.record(
    {
      mode: mostly(fc.constant("published"), fc.constantFrom("reported", "replied")),
      timeoutSeconds: seconds,
    },
    { requiredKeys: [] },
  ),
  overlap: fc.record(
    { policy: fc.constantFrom("skip", "allow", "queue_one"), maxConcurrent: few },
    { requiredKeys: [] },
  ),
  disableAfterFailures: fc.option(few),
  keepSeconds: seconds,
  priority: fc.oneof(few, fc.constantFrom("low", "critical")),
  tags: mostly(fc.array(text, { maxLength: 4 }), fc.constant(Array(33).fill("t"))),
  metadata: fc.array(fc.tuple(oddText, payload), { maxLength: 4 }).map(Object.fromEntries),
  enabled: fc.boolean(),
};
const OPTIONAL = Object.keys(optional);

/** Mostly few of the optional fields, since one bad field hides what the others lead to. */
export const definition: fc.Arbitrary<unknown> = fc
  .tuple(fc.record({ trigger, target }), fc.record(optional), fc.subarray(OPTIONAL, { maxLength: 5 }))
  .map(([required, all, kept]) => ({
    ...required,
    ...Object.fromEntries(Object.entries(all).filter(([name]) => kept.includes(name))),
  }));

export const patch: fc.Arbitrary<unknown> = fc
  .tuple(definition, fc.subarray(["trigger", "target", ...OPTIONAL], { maxLength: 3 }), fc.boolean())
  .map(([whole, fields, removes]) =>
    Object.fromEntries([
      ...Object.entries(whole as object).filter(([name]) => fields.includes(name)),
      ...(removes ? [[fields[0] ?? "payload", null]] : []),
    ]),
  );

export const previewBody: fc.Arbitrary<unknown> = fc.record(
  { trigger, count: fc.oneof(fc.constantFrom(1, 10, 1_000, 0, 1_001), oddNumber), after: instant },
  { requiredKeys: [] },
);

export const verifyBody: fc.Arbitrary<unknown> = fc.record(
  { since: instant, until: instant, cursor: fc.oneof(fc.constant(null), fc.string()) },
  { requiredKeys: ["since"] },
);
