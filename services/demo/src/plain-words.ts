/**
 * An event in one line of plain words: `09:00:05.002 daily-summary fired 2 ms late → cmd.notification.send.bulk`.
 */

import type { CommandRejectedData, ExecutionEventData, ScheduleEventData } from "@carillon/contracts";
import type { News } from "./news.ts";
import { duration, shortTimeOfDay, timeOfDay, triggerWords } from "./wording.ts";

/** How a line is meant, for whoever colours it. */
export type Tone = "fired" | "late" | "unfired" | "refused" | "change";

export interface Line {
  readonly at: string;
  readonly words: string;
  readonly tone: Tone;
}

/** Above this, late is worth a colour; an idle worker stays far below. */
const LATE_MS = 100;

export function lineOf(news: News): Line {
  const { scheduleId, what, event } = news;
  const at = timeOfDay(event.time);
  switch (news.entity) {
    case "execution":
      return executionLine(scheduleId, what, news.event.data, at);
    case "schedule":
      return { at, words: `${scheduleId} ${scheduleWords(what, news.event.data)}`, tone: "change" };
    case "command":
      return { at, words: rejectionWords(scheduleId, news.event.data), tone: "refused" };
  }
}

function executionLine(scheduleId: string, what: string, data: ExecutionEventData, at: string): Line {
  const { lagMs = 0, firedAt, target = "", cause } = data;
  if (what === "dispatched") {
    const late = lagMs < 1 ? "on time" : `${duration(lagMs)} late`;
    const how = cause === "trigger" ? "fired by hand" : `fired ${late}`;
    const words = cause === "catch_up" ? `caught up ${nominal(data)}` : how;
    return {
      at: firedAt === undefined ? at : timeOfDay(firedAt),
      words: `${scheduleId} ${words} → ${target}`,
      tone: lagMs > LATE_MS ? "late" : "fired",
    };
  }
  const why = data.reason === undefined ? "" : `: ${data.reason}`;
  if (what === "missed" || what === "skipped") {
    return { at, words: `${scheduleId} ${what} ${rangeWords(data)}${why}`, tone: "unfired" };
  }
  const message = data.message === undefined ? "" : ` (${data.message})`;
  return { at, words: `${scheduleId} ${what}${why}${message}`, tone: "refused" };
}

const nominal = ({ nominalAt = "" }: ExecutionEventData): string => shortTimeOfDay(nominalAt);

function rangeWords(data: ExecutionEventData): string {
  const { count = 1, firstNominalAt, lastNominalAt } = data;
  if (firstNominalAt === undefined || lastNominalAt === undefined) return `1 (${nominal(data)})`;
  return `${count} (${shortTimeOfDay(firstNominalAt)} to ${shortTimeOfDay(lastNominalAt)})`;
}

function scheduleWords(what: string, data: ScheduleEventData): string {
  const { actor, reason, definition, from, skipped, version } = data;
  const why = reason ? `: ${reason}` : "";
  switch (what) {
    case "created":
      return `created by ${actor}${definition ? ` (${triggerWords(definition.trigger)})` : ""}`;
    case "updated":
      return `updated by ${actor}, now version ${version}`;
    case "resumed":
      if (from === "catch_up") return `resumed by ${actor}, to catch up`;
      return `resumed by ${actor}${skipped ? `; ${skipped.count} under the pause will not fire` : ""}`;
    case "completed":
      return "completed: nothing more will fire";
    default:
      return `${what} by ${actor}${why}`;
  }
}

const rejectionWords = (scheduleId: string, { verb, error }: CommandRejectedData): string =>
  `${verb ?? "command"} ${scheduleId} refused, ${error.code}: ${error.message}`;
