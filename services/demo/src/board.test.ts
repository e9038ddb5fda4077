import type { ExecutionEventData, ScheduleEventData } from "@carillon/contracts";
import { describe, expect, it } from "vitest";
import { Board } from "./board.ts";
import type { News } from "./news.ts";

const envelope = {
  specversion: "1.0",
  id: "1",
  source: "s",
  type: "t",
  subject: "beat",
  time: "2026-11-21T09:00:00Z",
  datacontenttype: "application/json",
} as const;
const place = { tenant: "default", scheduleId: "beat" };

const life = (what: string, more: Partial<ScheduleEventData> = {}): News => {
  const data: ScheduleEventData = {
    ...place,
    version: 1,
    status: "active",
    actor: "a",
    reason: null,
    ...more,
  };
  return { entity: "schedule", what, scheduleId: "beat", event: { ...envelope, data } };
};
const fired = (more: Partial<ExecutionEventData>): News => ({
  entity: "execution",
  what: "dispatched",
  scheduleId: "beat",
  event: { ...envelope, data: { ...place, final: true, ...more } },
});

const born = (): Board => {
  const board = new Board();
  const definition = {
    trigger: { type: "interval", everySeconds: 1 },
    target: { subject: "cmd.x" },
  } as const;
  board.hear(life("created", { definition }));
  return board;
};

describe("the board", () => {
  it("counts fires and keeps the last lag", () => {
    const board = born();
    board.hear(fired({ lagMs: 3, cause: "schedule" }));
    board.hear(fired({ lagMs: 2, cause: "schedule" }));
    expect(board.rows()).toEqual([
      { scheduleId: "beat", trigger: "interval 1 s", status: "active", nextAt: null, lagMs: 2, fired: 2 },
    ]);
    board.hear(fired({ lagMs: 7, cause: "trigger" }));
    expect(board.rows()).toMatchObject([{ lagMs: null, fired: 3 }]);
  });

  it("foresees no fire of what is paused", () => {
    const board = born();
    board.next("beat", "2026-11-21T09:00:01Z");
    expect(board.rows()).toMatchObject([{ status: "active", nextAt: "2026-11-21T09:00:01Z" }]);
    board.hear(life("paused"));
    board.next("beat", "2026-11-21T09:00:02Z");
    expect(board.rows()).toMatchObject([{ status: "paused", nextAt: null }]);
    board.hear(life("resumed"));
    board.next("beat", "2026-11-21T09:00:09Z");
    expect(board.rows()).toMatchObject([{ status: "active", nextAt: "2026-11-21T09:00:09Z" }]);
  });

  it("foresees a delay from the end of its last round", () => {
    const board = new Board();
    const definition = { trigger: { type: "delay", delaySeconds: 3 }, target: { subject: "cmd.x" } } as const;
    board.hear(life("created", { definition }));
    board.next("beat", null);
    board.hear(fired({ lagMs: 1, cause: "schedule" }));
    expect(board.rows()).toMatchObject([{ nextAt: "2026-11-21T09:00:03.000Z" }]);
  });

  it("leaves the rest as it is when a payload is updated", () => {
    const board = born();
    board.next("beat", "2026-11-21T09:00:01Z");
    board.hear(life("updated"));
    expect(board.rows()).toMatchObject([{ status: "active", nextAt: "2026-11-21T09:00:01Z" }]);
  });
});
