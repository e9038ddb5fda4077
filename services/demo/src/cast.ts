/**
 * The schedules of the demo. Seconds stand for what would be days: a summary every five seconds instead of every
 * morning. Whatever names a zone names UTC, the only one that the auditor's calendar knows.
 */

import type { ScheduleDefinition } from "@carillon/contracts";

const to = (subject: string, payload: unknown): Pick<ScheduleDefinition, "target" | "payload"> => ({
  target: { subject },
  payload,
});

const SECOND_MS = 1000;

/** RFC 3339 of the instant so many seconds from now. */
const fromNow = (seconds: number): string => new Date(Date.now() + seconds * SECOND_MS).toISOString();

export const hello = (): ScheduleDefinition => ({
  trigger: { type: "immediate" },
  ...to("cmd.notification.send.welcome", { notification_type: "welcome" }),
});

/** One of each other trigger, in the order in which they are shown. */
export const everyTrigger = (): readonly (readonly [
  scheduleId: string,
  definition: ScheduleDefinition,
])[] => [
  [
    "heartbeat",
    {
      trigger: { type: "interval", everySeconds: 1 },
      ...to("cmd.analytics.collect.heartbeat", { source: "demo" }),
    },
  ],
  [
    "daily-summary",
    {
      trigger: { type: "cron", expression: "*/5 * * * * *", timezone: "UTC" },
      ...to("cmd.notification.send.bulk", {
        notification_type: "daily_summary",
        recipient_filter: "active_users",
      }),
    },
  ],
  [
    "usage-report",
    {
      trigger: { type: "rrule", rrule: "FREQ=SECONDLY;INTERVAL=4", timezone: "UTC" },
      ...to("cmd.analytics.collect.usage", { period: "day" }),
    },
  ],
  [
    "clean-up",
    {
      trigger: { type: "delay", delaySeconds: 3 },
      ...to("cmd.analytics.collect.expired", { olderThanDays: 30 }),
    },
  ],
  [
    "follow-up",
    { trigger: { type: "at", at: fromNow(3) }, ...to("cmd.notification.send.follow-up", { customer: 42 }) },
  ],
  ["invoice", { trigger: { type: "manual" }, ...to("cmd.notification.send.invoice", { number: 1 }) }],
];

export const reminder = (seconds: number): ScheduleDefinition => ({
  trigger: { type: "at", at: fromNow(seconds) },
  ...to("cmd.notification.send.reminder", { text: "call the dentist" }),
});

/** Forgives half a second; of what is later than that, the newest three are made up for. */
export const digest = (): ScheduleDefinition => ({
  trigger: { type: "interval", everySeconds: 1 },
  misfire: { policy: "fire_all", graceSeconds: 0.5, maxCatchUp: 3 },
  ...to("cmd.notification.send.digest", { items: 10 }),
});

export const payday = (): ScheduleDefinition => ({
  trigger: { type: "cron", expression: "0 9 1 * *", timezone: "UTC" },
  ...to("cmd.billing.charge", { amount: 100 }),
});

/** Everything that may be left on a server that is not the demo's own. */
export const SCHEDULE_IDS = [
  ...["hello", "heartbeat", "daily-summary", "usage-report", "clean-up", "follow-up", "invoice"],
  ...["reminder", "digest"],
] as const;
