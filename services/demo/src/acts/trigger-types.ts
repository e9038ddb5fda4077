/** One schedule of each trigger, and a fire by hand. The other workers come only after the first fire. */

import { everyTrigger, hello } from "../cast.ts";
import { type Act, isFireOf } from "../stage.ts";

const WATCH_MS = 6_500;

export const triggerTypes: Act = {
  title: "Seven ways to say when",
  run: async ({ client, crew, auditor, say, next, watch }) => {
    const fromAt = Date.now();
    const greeted = next("the first fire", isFireOf("hello"));
    await client.durable.create("hello", hello());
    await greeted;
    // The streams are there before their first owner; hello had to wait for it.
    auditor.outage({ fromAt, untilAt: Date.now() });
    for (let more = 0; more < 2; more++) crew.start();
    for (const [scheduleId, definition] of everyTrigger()) await client.create(scheduleId, definition);
    say("cron, rrule, interval, delay, at, immediate: the clock fires them. manual waits for somebody.");
    await watch(WATCH_MS / 2);
    await client.trigger("invoice", { payload: { number: 2 } });
    say("invoice was fired by hand, with a payload of its own.");
    say(`Three workers share the partitions, and nobody coordinates them: ${await crew.shares()}.`);
    await watch(WATCH_MS / 2);
  },
};
