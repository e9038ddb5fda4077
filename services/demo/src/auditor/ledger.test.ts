import type {
  CloudEvent,
  EffectiveDefinition,
  ExecutionEventData,
  ScheduleEventData,
} from "@carillon/contracts";
import { describe, expect, it } from "vitest";
import { executionIdOf, FactBook } from "./fact-book.ts";
import { audit, isBalanced, type Row, type Table } from "./ledger.ts";

const NINE = Date.UTC(2026, 10, 21, 9);
const at = (second: number): string => new Date(NINE + second * 1000).toISOString();

/** Every second from nine on, unless told otherwise. */
const definition = (more: Partial<EffectiveDefinition> = {}): EffectiveDefinition => ({
  name: null,
  description: null,
  trigger: { type: "interval", everySeconds: 1, startAt: at(0) },
  target: { subject: "cmd.x", delivery: "jetstream", headers: {} },
  startAt: null,
  endAt: null,
  maxExecutions: null,
  jitterSeconds: 0,
  misfire: { policy: "fire_once", graceSeconds: 300, maxCatchUp: 100 },
  overlap: { policy: "skip", maxConcurrent: 3 },
  retry: { maxAttempts: 4, initialDelaySeconds: 300, factor: 2, maxDelaySeconds: 3600, jitterRatio: 0.1 },
  completion: { mode: "published", timeoutSeconds: null },
  disableAfterFailures: null,
  keepSeconds: 1,
  priority: 5,
  tags: [],
  metadata: {},
  enabled: true,
  ...more,
});

let events = 0;
const event = <Data>(type: string, second: number, data: Data): CloudEvent<Data> => ({
  specversion: "1.0",
  id: `event-${events++}`,
  source: "/scheduler/default",
  type,
  subject: "beat",
  time: at(second),
  datacontenttype: "application/json",
  data,
});

const life = (book: FactBook, what: string, second: number, more: Partial<ScheduleEventData> = {}): void => {
  const data = {
    tenant: "default",
    scheduleId: "beat",
    version: 1,
    status: "active",
    actor: "a",
    reason: null,
  };
  book.scheduleEvent(
    what,
    event(`io.carillon.schedule.${what}.v1`, second, { ...data, ...more } as ScheduleEventData),
  );
};

const final = (book: FactBook, what: string, second: number, more: Partial<ExecutionEventData>): void => {
  const data = { tenant: "default", scheduleId: "beat", final: true, ...more };
  book.executionEvent(event(`io.carillon.execution.${what}.v1`, second, data));
};

const command = (book: FactBook, executionId: string, second: number): void => {
  const dueAt = NINE + second * 1000;
  book.command("beat", { executionId, nominalAt: dueAt, dueAt, storedAt: dueAt + 2, cause: "schedule" });
};

/** The command of an occurrence, and its final event. */
const fire = (book: FactBook, ...seconds: number[]): void => {
  for (const second of seconds) {
    const executionId = executionIdOf("beat", NINE + second * 1000);
    command(book, executionId, second);
    final(book, "dispatched", second, { executionId });
  }
};

const born = (more: Partial<EffectiveDefinition> = {}): FactBook => {
  const book = new FactBook();
  life(book, "created", 0, { effective: definition(more) });
  return book;
};

const until = (book: FactBook, second: number, patienceSeconds = 0): Table => {
  const untilAt = NINE + second * 1000;
  return audit(book.stories(), { untilAt, now: untilAt + 1, patienceMs: patienceSeconds * 1000 });
};
const sums = ({ planned, fired, explained, waiting, lost, doubled, unplanned }: Row): number[] => [
  planned,
  fired,
  explained,
  waiting,
  lost,
  doubled,
  unplanned,
];

describe("the ledger", () => {
  it("balances when each planned occurrence fired once and was told once", () => {
    const book = born();
    fire(book, 0, 1, 2);
    const table = until(book, 2);
    expect(sums(table.total)).toEqual([3, 3, 0, 0, 0, 0, 0]);
    expect(isBalanced(table)).toBe(true);
  });

  it("calls an occurrence lost when nothing was seen of it, and waiting while it may still come", () => {
    const book = born();
    fire(book, 0, 2);
    expect(sums(until(book, 2).total)).toEqual([3, 2, 0, 0, 1, 0, 0]);
    expect(until(book, 2).faults).toEqual(["beat@20261121T090001000Z: neither fired nor explained"]);
    expect(sums(until(book, 2, 5).total)).toEqual([3, 2, 0, 1, 0, 0, 0]);
    expect(isBalanced(until(book, 2, 5))).toBe(false);
  });

  it("counts a second command of an occurrence as doubled", () => {
    const book = born();
    fire(book, 0);
    command(book, executionIdOf("beat", NINE), 0);
    const table = until(book, 0);
    expect(sums(table.total)).toEqual([1, 1, 0, 0, 0, 1, 0]);
    expect(isBalanced(table)).toBe(false);
  });

  it("notices a command that nobody planned", () => {
    const book = born();
    fire(book, 0, 0.5);
    expect(sums(until(book, 0.5).total)).toEqual([1, 1, 0, 0, 0, 0, 1]);
  });

  it("takes misses as explained, and only as many as their event says", () => {
    const missed = { reason: "catch_up_limit", firstNominalAt: at(1), lastNominalAt: at(3) };
    const right = born();
    fire(right, 0, 4);
    final(right, "missed", 4, { ...missed, count: 3 });
    expect(sums(until(right, 4).total)).toEqual([5, 2, 3, 0, 0, 0, 0]);
    expect(isBalanced(until(right, 4))).toBe(true);

    const wrong = born();
    fire(wrong, 0, 4);
    final(wrong, "missed", 4, { ...missed, count: 2 });
    expect(until(wrong, 4).faults).toHaveLength(1);
    expect(isBalanced(until(wrong, 4))).toBe(false);
  });

  it("is told by the event of a resumption what the pause took away", () => {
    const book = born();
    fire(book, 0);
    life(book, "paused", 0.5);
    expect(sums(until(book, 2).total)).toEqual([1, 1, 0, 0, 0, 0, 0]);
    life(book, "resumed", 2.5, {
      from: "now",
      skipped: { firstNominalAt: at(1), lastNominalAt: at(2), count: 2 },
    });
    fire(book, 3);
    expect(sums(until(book, 3).total)).toEqual([4, 2, 2, 0, 0, 0, 0]);
    expect(isBalanced(until(book, 3))).toBe(true);
  });

  it("expects what a pause held back to be caught up", () => {
    const book = born();
    fire(book, 0);
    life(book, "paused", 0.5);
    life(book, "resumed", 2.5, { from: "catch_up" });
    expect(sums(until(book, 2).total)).toEqual([3, 1, 0, 0, 2, 0, 0]);
    fire(book, 1, 2);
    expect(isBalanced(until(book, 2))).toBe(true);
  });

  it("plans nothing after a schedule is deleted", () => {
    const book = born();
    fire(book, 0, 1);
    life(book, "deleted", 1.5);
    expect(sums(until(book, 9).total)).toEqual([2, 2, 0, 0, 0, 0, 0]);
  });

  it("wants one final event for each command", () => {
    const book = born();
    command(book, executionIdOf("beat", NINE), 0);
    expect(until(book, 0).faults).toEqual(["beat@20261121T090000000Z: 0 final events, expected 1"]);
  });

  it("follows a delay from one end to the next", () => {
    const book = born({ trigger: { type: "delay", delaySeconds: 3 } });
    fire(book, 3);
    expect(sums(until(book, 5).total)).toEqual([1, 1, 0, 0, 0, 0, 0]);
    expect(sums(until(book, 6).total)).toEqual([2, 1, 0, 0, 1, 0, 0]);
    fire(book, 6.004);
    expect(isBalanced(until(book, 7))).toBe(true);
  });

  it("plans no further than the executions that a definition allows", () => {
    const book = born({ maxExecutions: 2 });
    fire(book, 0, 1);
    expect(sums(until(book, 9).total)).toEqual([2, 2, 0, 0, 0, 0, 0]);
  });

  it("plans a fire by hand when it is asked for, and not when the scheduler refused it", () => {
    const book = born({ trigger: { type: "manual" } });
    book.trigger("beat", "default.a", NINE);
    book.trigger("beat", "default.b", NINE);
    const rejected = { commandId: "default.b", verb: "trigger", subject: "s", actor: "a" };
    const error = {
      code: "not_found",
      message: "",
      details: [],
      retryable: false,
      retryAfterMs: null,
    } as const;
    book.rejection(event("io.carillon.command.rejected.v1", 0, { ...rejected, error }));
    expect(sums(until(book, 1).total)).toEqual([1, 0, 0, 0, 1, 0, 0]);
  });

  it("refuses to balance a schedule whose trigger its calendar does not know", () => {
    const cron = {
      type: "cron",
      expression: "0 9 * * *",
      timezone: "Europe/Paris",
      dayMatch: "or",
      dst: null,
    } as const;
    const table = until(born({ trigger: cron }), 9);
    expect(table.unjudged).toEqual(["beat"]);
    expect(isBalanced(table)).toBe(false);
  });
});
