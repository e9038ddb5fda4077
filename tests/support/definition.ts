/** Definitions as tests need them: short to write, and with one target that is always allowed. */

import type { ScheduleDefinition, Trigger } from "@carillon/contracts";

/** Captured and allowed by the stack's tenants file. */
export const TARGET = "cmd.notification.send";

/** Allowed, and captured by no stream. */
export const UNCAPTURED = "cmd.uncaptured.send";

type More = Omit<Partial<ScheduleDefinition>, "trigger">;

/** A definition with this trigger, and `more` of its fields. */
export const define = (trigger: Trigger, more: More = {}): ScheduleDefinition => ({
  trigger,
  target: { subject: TARGET },
  ...more,
});

export const every = (everySeconds: number, more: More = {}): ScheduleDefinition =>
  define({ type: "interval", everySeconds }, more);

/** `count` occurrences `everySeconds` apart, the first of them at `firstAt` (epoch ms). */
export const series = (
  firstAt: number,
  everySeconds: number,
  count: number,
  more: More = {},
): ScheduleDefinition =>
  define(
    { type: "interval", everySeconds, startAt: instant(firstAt) },
    { endAt: instant(firstAt + (count - 1) * everySeconds * 1_000), ...more },
  );

export const once = (at: number, more: More = {}): ScheduleDefinition =>
  define({ type: "at", at: instant(at) }, more);

export const manual = (more: More = {}): ScheduleDefinition => define({ type: "manual" }, more);

/** RFC 3339 of milliseconds of the epoch. */
export const instant = (at: number): string => new Date(at).toISOString();

/** `seconds` from now, in milliseconds of the epoch. */
export const ahead = (seconds: number): number => Date.now() + seconds * 1_000;
