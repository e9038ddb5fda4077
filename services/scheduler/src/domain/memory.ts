/**
 * What a schedule remembers of its commands, so that a repeated delivery, or a repeated command id, has one effect and the first
 * outcome.
 */

import type { CommandMemory, Outcome } from "@carillon/contracts";
import type { Command } from "./command.ts";

/** Command ids whose outcomes a schedule remembers. */
export const OUTCOMES_MAX = 8;

export const EMPTY_MEMORY: CommandMemory = { inbox: null, sequence: 0, outcomes: [] };

export type Recall =
  /** Not seen before: decide it. */
  | { kind: "new" }
  /** Seen under this id: its first outcome stands. */
  | { kind: "repeated"; outcome: Outcome }
  /** Older than the last command applied here, so it was settled before: confirm it and say nothing. */
  | { kind: "stale" };

/** What tells a command from others, known before its body is read. */
export type Identity = Pick<Command, "commandId" | "inbox" | "sequence">;

/** Sequences are compared only within one inbox: after the stream was made anew they start again. */
export function recall(memory: CommandMemory, command: Identity): Recall {
  const outcome = memory.outcomes.find((known) => known.commandId === command.commandId);
  if (outcome !== undefined) return { kind: "repeated", outcome };
  const sameInbox = memory.inbox === command.inbox;
  return sameInbox && command.sequence <= memory.sequence ? { kind: "stale" } : { kind: "new" };
}

export function remember(memory: CommandMemory, command: Command, outcome: Outcome): CommandMemory {
  return {
    inbox: command.inbox,
    sequence: command.sequence,
    outcomes: [...memory.outcomes.slice(1 - OUTCOMES_MAX), outcome],
  };
}
