import type { Outcome } from "@carillon/contracts";
import { describe, expect, it } from "vitest";
import type { Command } from "./command.ts";
import { EMPTY_MEMORY, OUTCOMES_MAX, recall, remember } from "./memory.ts";
import { aCommand } from "./testing/builders.ts";

const command = (sequence: number, patch: Partial<Command> = {}) =>
  aCommand("pause", { sequence, commandId: `acme.${sequence}`, ...patch });

const outcomeOf = ({ commandId, verb }: Command): Outcome => ({
  commandId,
  verb,
  version: 1,
  status: "paused",
});

const after = (...sequences: number[]) =>
  sequences
    .map((sequence) => command(sequence))
    .reduce((memory, one) => remember(memory, one, outcomeOf(one)), EMPTY_MEMORY);

describe("a schedule's memory", () => {
  it("knows nothing at first", () => {
    expect(recall(EMPTY_MEMORY, command(1))).toEqual({ kind: "new" });
  });

  it("knows a command by its id, with its first outcome, wherever it comes from", () => {
    const repeated = { kind: "repeated", outcome: outcomeOf(command(3)) };
    const memory = after(3, 5);
    expect(recall(memory, command(3))).toEqual(repeated);
    expect(recall(memory, command(9, { commandId: "acme.3" }))).toEqual(repeated);
    expect(recall(memory, command(9, { commandId: "acme.3", inbox: "another" }))).toEqual(repeated);
  });

  it("knows an older sequence as settled, whose id it has forgotten", () => {
    expect(recall(after(5), command(4))).toEqual({ kind: "stale" });
    expect(recall(after(5), command(5, { commandId: "acme.other" }))).toEqual({ kind: "stale" });
    expect(recall(after(5), command(6))).toEqual({ kind: "new" });
  });

  it("compares no sequences of an inbox that was made anew", () => {
    expect(recall(after(5), command(4, { inbox: "another" }))).toEqual({ kind: "new" });
  });

  it("remembers the last few outcomes, in order", () => {
    const memory = after(...Array.from({ length: OUTCOMES_MAX + 3 }, (_, n) => n + 1));
    expect(memory.outcomes.map(({ commandId }) => commandId)).toEqual(
      [4, 5, 6, 7, 8, 9, 10, 11].map((sequence) => `acme.${sequence}`),
    );
    expect(memory.sequence).toBe(11);
    expect(recall(memory, command(3))).toEqual({ kind: "stale" });
  });
});
