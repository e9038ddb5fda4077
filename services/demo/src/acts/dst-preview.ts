/** A preview asks when a trigger would fire, without creating anything; here over the night that has no 02:30. */

import type { Act } from "../stage.ts";

const ZONE = "America/New_York";
const WATCH_MS = 4_500;

/** Clocks in New York go from 02:00 to 03:00 on 14 March 2027. */
const QUESTION = {
  trigger: { type: "cron", expression: "30 2 * * *", timezone: ZONE },
  after: "2027-03-12T12:00:00Z",
  count: 3,
} as const;

export const dstPreview: Act = {
  title: "A preview over a clock change: 02:30 in New York, every night",
  run: async ({ client, say, watch }) => {
    const { times, text, warnings } = await client.preview(QUESTION.trigger, {
      after: QUESTION.after,
      count: QUESTION.count,
    });
    say(text);
    for (const time of times) say(`${localTime(time)} is ${time}`);
    say(`Warned of: ${warnings.map(({ message }) => message).join("; ")}`);
    await watch(WATCH_MS);
  },
};

const format = new Intl.DateTimeFormat("en-US", {
  timeZone: ZONE,
  weekday: "short",
  day: "numeric",
  month: "short",
  hourCycle: "h23",
  hour: "2-digit",
  minute: "2-digit",
  timeZoneName: "short",
});

const localTime = (time: string): string => format.format(new Date(time));
