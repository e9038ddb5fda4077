/** Of the commands: each has an outcome that somebody can see, at most one effect, and effects in the order of the stream. */

import {
  type CloudEvent,
  CONTROL_HEADERS,
  type CommandRejectedData,
  isCommandId,
  names as namesOf,
} from "@carillon/contracts";
import type { CommandSeen, History } from "../history.ts";
import { idOf, stepsOf } from "./decisions.ts";
import type { Law } from "./law.ts";

const NAMES = namesOf();

/** The id that its sender chose; null: none. */
function chosenId({ message }: CommandSeen): string | null {
  const tenant = NAMES.inbox.parse(message.subject)?.tenant ?? "";
  const id = message.headers[CONTROL_HEADERS.commandId] ?? message.id;
  return id !== null && isCommandId(tenant, id) ? id : null;
}

/** Refused, applied, or known to have been: nothing is acknowledged without a trace. */
export const answered: Law = function* (history) {
  const refused = refusalsOf(history);
  const remembered = rememberedBy(history);
  for (const seen of history.commands.values()) {
    const { message, ackedMs } = seen;
    if (ackedMs === null) {
      yield `command ${message.sequence} (${message.subject}) was never acknowledged`;
      continue;
    }
    if (message.headers[CONTROL_HEADERS.dryRun] === "true") continue;
    const id = chosenId(seen);
    const place = `#${message.sequence}@`;
    const traced = [...(id === null ? [] : [id])];
    if (traced.some((known) => refused.ids.has(known) || remembered.ids.has(known))) continue;
    if (refused.places.has(place) || remembered.places.has(place)) continue;
    yield `command ${message.sequence} (${message.subject}) was acknowledged without a trace`;
  }
};

interface Traces {
  readonly ids: ReadonlySet<string>;
  /** Of commands without an id: `#<sequence>@`. */
  readonly places: ReadonlySet<string>;
}

const PLACE = /#\d+@/;

function tracesOf(ids: Iterable<string>): Traces {
  const all = new Set(ids);
  return { ids: all, places: new Set([...all].flatMap((id) => PLACE.exec(id)?.[0] ?? [])) };
}

function refusalsOf({ audit }: History): Traces {
  return tracesOf(
    audit.flatMap(({ subject, data }) => {
      if (NAMES.event.parse(subject)?.entity !== "command") return [];
      return [(JSON.parse(String(data)) as CloudEvent<CommandRejectedData>).data.commandId];
    }),
  );
}

function rememberedBy(history: History): Traces {
  return tracesOf(
    history.states.flatMap(({ state }) => (state?.memory.outcomes ?? []).map(({ commandId }) => commandId)),
  );
}

/** Outcomes that a schedule remembers; a command that comes after so many others is new again. */
const REMEMBERED_MAX = 8;

/** An outcome enters the memory of its schedule once, and never changes while it is there. */
export const appliedOnce: Law = function* (history) {
  for (const [key, steps] of stepsOf(history)) {
    const outcomes: { commandId: string; told: string }[] = [];
    for (const { write, before } of steps) {
      // A tombstone that was purged has taken its memory along.
      if (before === null) outcomes.length = 0;
      const known = new Set((before?.memory.outcomes ?? []).map(({ commandId }) => commandId));
      for (const outcome of write.state.memory.outcomes) {
        const { commandId } = outcome;
        const told = JSON.stringify(outcome);
        const first = outcomes.slice(-REMEMBERED_MAX).find((one) => one.commandId === commandId);
        if (first !== undefined && first.told !== told)
          yield `${key}: ${commandId} came to ${first.told}, then ${told}`;
        if (first !== undefined && !known.has(commandId)) yield `${key}: ${commandId} was applied twice`;
        if (first === undefined || !known.has(commandId)) outcomes.push({ commandId, told });
      }
    }
  }
};

/**
 * What an owner has told to be refused it does not apply. The next one may: a refusal is not remembered, and what was not acknowledged is
 * judged anew. Only of commands without an id, since one that repeats another's may fare otherwise.
 */
export const refusedOrApplied: Law = function* (history) {
  const refusedMs = new Map(
    history.audit.flatMap(({ id, atMs, subject }) => {
      const place = NAMES.event.parse(subject)?.entity === "command" ? PLACE.exec(id ?? "")?.[0] : undefined;
      return place === undefined ? [] : [[place, atMs] as const];
    }),
  );
  for (const [key, steps] of stepsOf(history)) {
    const { partition } = NAMES.keys.schedule.parse(key) ?? {};
    for (const { write } of steps) {
      const place = PLACE.exec(write.state.memory.outcomes.at(-1)?.commandId ?? "")?.[0] ?? "";
      const toldMs = refusedMs.get(place) ?? Number.POSITIVE_INFINITY;
      const handedOver = history.terms.some(
        (term) => term.partition === partition && term.atMs >= toldMs && term.atMs <= write.atMs,
      );
      if (toldMs <= write.atMs && !handedOver) yield `command ${place} was refused and applied`;
    }
  }
};

/** What was decided about a schedule is told, and nothing else is. */
export const eventsTold: Law = function* (history) {
  const told = new Set(history.audit.map(({ id }) => id));
  for (const steps of stepsOf(history).values()) {
    // Left to the next owner when the last one ended.
    const owed = new Set(steps.at(-1)?.write.state.owed.map(idOf));
    for (const { announcements } of steps) {
      for (const { id, entity } of announcements) {
        if (entity === "schedule" && !told.has(id) && !owed.has(id))
          yield `${id} was decided and is not told`;
      }
    }
  }
};

/** An acknowledgement comes after the event of what it acknowledges. */
export const toldBeforeAcknowledged: Law = function* (history) {
  const toldMs = new Map(history.audit.toReversed().map(({ id, atMs }) => [id ?? "", atMs]));
  for (const steps of stepsOf(history).values()) {
    for (const { write, announcements } of steps) {
      const ackedMs = history.commands.get(write.state.memory.sequence)?.ackedMs ?? null;
      for (const { id, data } of announcements) {
        const own = write.state.memory.outcomes.some(({ commandId }) => commandId === data["commandId"]);
        if (own && ackedMs !== null && (toldMs.get(id) ?? Number.POSITIVE_INFINITY) > ackedMs)
          yield `command ${write.state.memory.sequence} was acknowledged before ${id} was stored`;
      }
    }
  }
};
