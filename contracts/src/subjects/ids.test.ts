import { describe, expect, it } from "vitest";
import { isCommandId } from "./grammar.ts";
import {
  commandEventId,
  commandIdAt,
  commandIdOf,
  executionEventId,
  executionIdAt,
  executionIdOfCommand,
  messageId,
  rangeEventId,
  setAsideEventId,
} from "./ids.ts";

const NINE = Date.UTC(2026, 10, 21, 9);

describe("ids", () => {
  it("name the clock's execution by its nominal instant", () => {
    expect(executionIdAt("daily", NINE)).toBe("daily@20261121T090000000Z");
  });

  it("name a triggered execution by its command, and never like the clock's", () => {
    expect(executionIdOfCommand("daily", "0123456789abcdef0123456789abcdef")).toBe(
      "daily@m-0123456789abcdef",
    );
  });

  it("give each attempt a message id of its own, and each tenant", () => {
    const id = executionIdAt("daily", NINE);
    expect(messageId("acme", id, 1)).toBe("acme.daily@20261121T090000000Z.1");
    expect(
      new Set([messageId("acme", id, 1), messageId("acme", id, 2), messageId("other", id, 1)]).size,
    ).toBe(3);
  });

  it("make a command id that no caller can choose, where the caller gave none", () => {
    const id = commandIdAt("acme", 17, NINE);
    expect(id).toBe("acme.#17@20261121T090000000Z");
    expect(isCommandId("acme", id)).toBe(false);
  });

  it("refuse random text outside the grammar", () => {
    expect(commandIdOf("acme", "3f2b")).toBe("acme.3f2b");
    expect(() => commandIdOf("acme", "a b")).toThrow(RangeError);
  });

  it("tell events of different causes apart", () => {
    const range = {
      tenant: "acme",
      scheduleId: "daily",
      reason: "coalesced",
      firstNominalAt: NINE,
      lastNominalAt: NINE + 60_000,
    };
    expect(executionEventId("dispatched", "acme", executionIdAt("daily", NINE), 1)).toBe(
      "acme.daily@20261121T090000000Z.1.dispatched",
    );
    expect(rangeEventId("missed", range)).toBe(
      "acme.daily@20261121T090000000Z-20261121T090100000Z.missed.coalesced",
    );
    expect(commandEventId("created", "acme", "daily", "acme.3f2b")).toBe("acme.daily.created.acme.3f2b");
    expect(
      setAsideEventId({ tenant: "acme", scheduleId: "daily", bucket: "scheduler_state", revision: 7 }),
    ).toBe("acme.daily.set_aside.scheduler_state.7");
  });
});
