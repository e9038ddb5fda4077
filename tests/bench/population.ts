/**
 * The schedules of a large installation, as its users would make them: half of them by a cron expression at a round time of some
 * day, the others once, every so many hours or days, or by a recurrence rule; every second one with a payload. None is due
 * within two days.
 */

import type { ScheduleDefinition, Trigger } from "@carillon/contracts";
import { define, instant } from "../support/definition.ts";
import type { Creation } from "./bulk.ts";

const DAY_MS = 86_400_000;
const ZONES = ["UTC", "Europe/Vienna", "America/New_York", "Asia/Tokyo", "Australia/Sydney"];
const MINUTES = [0, 15, 30, 45];
const RULES = [
  "FREQ=MONTHLY;BYDAY=-1FR",
  "FREQ=WEEKLY;BYDAY=MO,WE,FR;BYHOUR=9,17",
  "FREQ=DAILY;INTERVAL=3",
  "FREQ=MONTHLY;BYMONTHDAY=1,15",
];
/** Days until the first one is due: beyond the zones' day, and within what an `at` may be ahead. */
const QUIET_DAYS = 3;
const SPREAD_DAYS = 300;
const PAYLOAD = {
  notification_type: "daily_summary",
  recipient_filter: "active_users",
  template: "summary-2026",
  locale: "en-GB",
  campaign: { name: "autumn", budget: 1_200, channels: ["email", "push"] },
};

/** `now`: epoch ms at which the run began, so that one run makes one population. */
export function populationOf(now: number): (n: number) => Creation {
  const cronDays = quietDaysOfMonth(now);
  return (n) => {
    const scheduleId = `schedule-${n}`;
    const aheadMs = (QUIET_DAYS + (n % SPREAD_DAYS)) * DAY_MS;
    const definition: ScheduleDefinition = {
      ...define(triggerOf(n, now + aheadMs, cronDays)),
      ...(n % 2 === 0 ? { payload: { ...PAYLOAD, user: n } } : {}),
    };
    return { scheduleId, body: JSON.stringify(definition) };
  };
}

function triggerOf(n: number, firstAt: number, cronDays: readonly number[]): Trigger {
  const timezone = nth(ZONES, n);
  switch (n % 10) {
    case 0:
    case 1:
      return { type: "interval", everySeconds: 3_600 * (1 + (n % 48)), startAt: instant(firstAt) };
    case 2:
    case 3:
      return { type: "at", at: instant(firstAt) };
    case 4:
      return {
        type: "rrule",
        rrule: `DTSTART;TZID=${timezone}:${localOf(firstAt)}\nRRULE:${nth(RULES, Math.floor(n / 10))}`,
      };
    default: {
      const place = Math.floor(n / 10);
      const expression = `${nth(MINUTES, n)} ${place % 24} ${nth(cronDays, place)} * *`;
      return { type: "cron", expression, timezone };
    }
  }
}

/** Days of the month that come round within a month, but neither these days nor the next. */
function quietDaysOfMonth(now: number): number[] {
  const days = Array.from({ length: 27 - QUIET_DAYS }, (_, n) => new Date(now + (QUIET_DAYS + n) * DAY_MS));
  return days.map((day) => day.getUTCDate());
}

const nth = <T>(list: readonly [T, ...T[]] | readonly T[], n: number): T => {
  const item = list[n % list.length];
  if (item === undefined) throw new RangeError("an empty list");
  return item;
};

const localOf = (at: number): string => instant(at).slice(0, 19).replaceAll(/[-:]/g, "");
