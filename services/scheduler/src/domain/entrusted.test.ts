import { describe, expect, it } from "vitest";
import { entrust, entrustedTo } from "./entrusted.ts";
import { aCommand, accepted, aDefinition, aDispatch, later, settled, withState } from "./testing/builders.ts";

const command = later(null, aCommand("create", { body: aDefinition(), reason: "new" }));
const decided = accepted(null, aCommand("create", { body: aDefinition(), reason: "new" })).schedule;

describe("the event of a creation", () => {
  it("is left to the inbox: the state does not owe it", () => {
    const { schedule, event } = entrust(decided, command);
    expect(schedule.state.owed).toEqual([]);
    expect([event]).toEqual(decided.state.owed);
  });

  it("is told again, word for word, to whom the command is delivered again", () => {
    const { schedule, event } = entrust(decided, command);
    expect(entrustedTo(schedule, command)).toEqual(event);
  });

  it("tells of a schedule as it was made, whatever became of it since", () => {
    const { schedule, event } = entrust(decided, command);
    expect(entrustedTo(withState(schedule, { status: "completed" }), command)).toEqual(event);
  });

  it("is not told again for another command with the same id, nor once another was applied", () => {
    const { schedule } = entrust(decided, command);
    expect(entrustedTo(schedule, { ...command, sequence: command.sequence + 1 })).toBeNull();
    expect(entrustedTo(schedule, { ...command, inbox: "2026-02-02T00:00:00Z" })).toBeNull();
    const paused = settled(accepted(schedule, aCommand("pause")).schedule);
    expect(entrustedTo(paused, command)).toBeNull();
    expect(entrustedTo(paused, later(schedule, aCommand("pause")))).toBeNull();
  });
});

describe("what else is owed", () => {
  it("keeps the event of the creation in the list", () => {
    const owing = withState(decided, { owed: [...decided.state.owed, aDispatch()] });
    expect(entrust(owing, command)).toEqual({ schedule: owing, event: null });
  });

  it("stays in the list: the event of any other command, and of another creation", () => {
    const paused = accepted(settled(decided), aCommand("pause")).schedule;
    expect(entrust(paused, aCommand("pause"))).toEqual({ schedule: paused, event: null });
    expect(entrust(decided, { commandId: "acme.other" })).toEqual({ schedule: decided, event: null });
  });
});
