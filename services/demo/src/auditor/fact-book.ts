/**
 * What the auditor has seen, by schedule: the events about the definition in their order, the commands that
 * reached the target stream, the final events, and who asked for a fire by hand. It keeps facts and judges
 * nothing; hearing an event twice is hearing it once.
 */

import { createHash } from "node:crypto";
import type {
  CloudEvent,
  CommandRejectedData,
  EffectiveDefinition,
  ExecutionEventData,
  NominalRange,
  ScheduleEventData,
} from "@carillon/contracts";

/** One event in the life of a definition; `at` in epoch ms. */
export interface LifeFact {
  readonly what: string;
  readonly at: number;
  /** Of created and updated; null else. */
  readonly effective: EffectiveDefinition | null;
}

export interface CommandFact {
  readonly executionId: string;
  /** Epoch ms, from the command's headers. */
  readonly nominalAt: number;
  readonly dueAt: number;
  /** Epoch ms at which the stream stored it. */
  readonly storedAt: number;
  readonly cause: string;
}

/** Occurrences that will not fire, and why; both ends (epoch ms) included. */
export interface Explanation {
  readonly firstAt: number;
  readonly lastAt: number;
  readonly count: number;
  readonly reason: string;
}

export interface Story {
  readonly scheduleId: string;
  readonly life: LifeFact[];
  readonly commands: CommandFact[];
  /** When each execution was told to be done (epoch ms), by execution id; more than one is one too many. */
  readonly toldAt: Map<string, number[]>;
  readonly explanations: Explanation[];
  /** When somebody asked for a fire by hand, by the execution id that it must get. */
  readonly askedAt: Map<string, number>;
}

export class FactBook {
  readonly #stories = new Map<string, Story>();
  readonly #heard = new Set<string>();

  stories(): Story[] {
    return [...this.#stories.values()];
  }

  scheduleEvent(what: string, event: CloudEvent<ScheduleEventData>): void {
    if (!this.#isNew(event.id)) return;
    const { effective = null, skipped } = event.data;
    const story = this.#story(event.subject);
    story.life.push({ what, at: Date.parse(event.time), effective });
    if (skipped) story.explanations.push(explanationOf(skipped, "paused"));
  }

  executionEvent(event: CloudEvent<ExecutionEventData>): void {
    const { data } = event;
    if (!data.final || data.reopened === true || !this.#isNew(event.id)) return;
    const story = this.#story(event.subject);
    const isUnfired = event.type.includes(".missed.") || event.type.includes(".skipped.");
    if (isUnfired) story.explanations.push(explanationOf(rangeOf(data), data.reason ?? "no reason given"));
    else append(story.toldAt, data.executionId ?? "", Date.parse(event.time));
  }

  rejection(event: CloudEvent<CommandRejectedData>): void {
    const { verb, commandId } = event.data;
    if (verb === "trigger")
      this.#story(event.subject).askedAt.delete(executionIdByHand(event.subject, commandId));
  }

  command(scheduleId: string, fact: CommandFact): void {
    this.#story(scheduleId).commands.push(fact);
  }

  /** A command `trigger` on its way to the scheduler. */
  trigger(scheduleId: string, commandId: string, at: number): void {
    const executionId = executionIdByHand(scheduleId, commandId);
    const { askedAt } = this.#story(scheduleId);
    if (!askedAt.has(executionId)) askedAt.set(executionId, at);
  }

  #story(scheduleId: string): Story {
    const known = this.#stories.get(scheduleId);
    if (known !== undefined) return known;
    const story: Story = {
      scheduleId,
      life: [],
      commands: [],
      toldAt: new Map(),
      explanations: [],
      askedAt: new Map(),
    };
    this.#stories.set(scheduleId, story);
    return story;
  }

  #isNew(eventId: string): boolean {
    if (this.#heard.has(eventId)) return false;
    this.#heard.add(eventId);
    return true;
  }
}

/** Spelled here once more, so that a mistake in the scheduler's ids would show. */
export const executionIdOf = (scheduleId: string, nominalAt: number): string =>
  `${scheduleId}@${new Date(nominalAt).toISOString().replace(/[-:.]/g, "")}`;

const HASH_CHARACTERS = 16;

const executionIdByHand = (scheduleId: string, commandId: string): string =>
  `${scheduleId}@m-${createHash("sha256").update(commandId).digest("hex").slice(0, HASH_CHARACTERS)}`;

const explanationOf = (range: NominalRange, reason: string): Explanation => ({
  firstAt: Date.parse(range.firstNominalAt),
  lastAt: Date.parse(range.lastNominalAt),
  count: range.count,
  reason,
});

const rangeOf = ({
  nominalAt = "",
  firstNominalAt,
  lastNominalAt,
  count,
}: ExecutionEventData): NominalRange => ({
  firstNominalAt: firstNominalAt ?? nominalAt,
  lastNominalAt: lastNominalAt ?? firstNominalAt ?? nominalAt,
  count: count ?? 1,
});

function append(map: Map<string, number[]>, key: string, value: number): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}
