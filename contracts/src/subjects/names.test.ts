import { describe, expect, it } from "vitest";
import { matchesSubject } from "./grammar.ts";
import { eventType, names } from "./names.ts";

const scheduler = names();

describe("names", () => {
  it("spells the streams and buckets of the contract", () => {
    expect(Object.values(scheduler.streams)).toEqual([
      "SCHEDULER_COMMANDS",
      "SCHEDULER_REPORTS",
      "SCHEDULER_EXECUTIONS",
      "SCHEDULER_AUDIT",
      "SCHEDULER_DEAD_LETTERS",
      "SCHEDULER_TARGETS",
    ]);
    expect(Object.values(scheduler.buckets)).toEqual([
      "scheduler_schedules",
      "scheduler_state",
      "scheduler_leases",
      "scheduler_workers",
    ]);
  });

  it("keeps the leases of several installations apart on one Redis node", () => {
    expect(scheduler.redisKey("lease.3")).toBe("scheduler:lease.3");
    expect(names("other").redisKey("lease.3")).toBe("other:lease.3");
  });

  it("builds what it parses", () => {
    const place = { tenant: "acme", verb: "create", scheduleId: "x" };
    expect(scheduler.command.build(place)).toBe("cmd.scheduler.acme.create.x");
    expect(scheduler.command.parse("cmd.scheduler.acme.create.x")).toEqual(place);
    expect(scheduler.rpc.build(place)).toBe("rpc.scheduler.acme.create.x");
    expect(scheduler.inbox.parse("scheduler.inbox.7.acme.create.x")).toEqual({ partition: "7", ...place });
  });

  it.each([
    "cmd.scheduler.acme.create",
    "cmd.scheduler.acme.create.x.y",
    "cmd.other.acme.create.x",
    "cmd.scheduler..create.x",
    "",
  ])("parses nothing out of %j", (subject) => expect(scheduler.command.parse(subject)).toBeNull());

  it("takes names of Object's own members for plain tokens", () => {
    const parsed = scheduler.command.parse("cmd.scheduler.__proto__.constructor.toString");
    expect(parsed).toEqual({ tenant: "__proto__", verb: "constructor", scheduleId: "toString" });
  });

  it("fills the places that a filter gives and leaves the rest open", () => {
    expect(scheduler.event.filter({ tenant: "acme", entity: "execution" })).toBe(
      "evt.scheduler.acme.execution.*.*",
    );
    expect(scheduler.command.pattern).toBe("cmd.scheduler.*.*.*");
    expect(scheduler.inboxOf(3)).toBe("scheduler.inbox.3.>");
  });

  it("lets the server choose the partition by tenant and scheduleId", () => {
    expect(scheduler.inboxTransform(32)).toEqual({
      src: "cmd.scheduler.*.*.*",
      dest: "scheduler.inbox.{{partition(32,1,3)}}.{{wildcard(1)}}.{{wildcard(2)}}.{{wildcard(3)}}",
    });
    expect(scheduler.reportsTransform(8).dest).toBe(
      "scheduler.reports.{{partition(8,1,2)}}.{{wildcard(1)}}.{{wildcard(2)}}.{{wildcard(3)}}.{{wildcard(4)}}.{{wildcard(5)}}",
    );
  });

  it("leaves no command unread, since the server does not transform one with a wildcard for a token", () => {
    for (let tokens = 1; tokens <= 6; tokens++) {
      const subject = ["cmd.scheduler", ...Array.from({ length: tokens }, () => "x")].join(".");
      const patterns = scheduler.unmatchedCommands;
      expect(patterns.filter((pattern) => matchesSubject(pattern, subject))).toHaveLength(1);
    }
    expect(scheduler.unmatchedCommands).not.toContain(scheduler.allCommands);
  });

  it("keeps a second installation apart in every name", () => {
    const other = names("night-shift");
    expect(other.streams.commands).toBe("NIGHT_SHIFT_COMMANDS");
    expect(other.buckets.state).toBe("night-shift_state");
    expect(other.allCommands).toBe("cmd.night-shift.>");
    expect(other.source("acme")).toBe("/night-shift/acme");
    expect(JSON.stringify(other)).not.toContain("scheduler.");
  });

  it("spells keys as the server's transform spells the partition", () => {
    expect(scheduler.keys.schedule.build({ partition: 7, tenant: "acme", scheduleId: "x" })).toBe("7.acme.x");
    expect(scheduler.keys.schedule.parse("7.acme.x")).toEqual({
      partition: "7",
      tenant: "acme",
      scheduleId: "x",
    });
    expect(scheduler.keys.schedule.parse("term.7")).toBeNull();
    expect(scheduler.keys.subject("scheduler_state", "term.7")).toBe("$KV.scheduler_state.term.7");
  });

  it("names the consumer of a term, and reads it back", () => {
    expect(scheduler.consumers.build(3, 12, 1)).toBe("p3-t12-1");
    expect(scheduler.consumers.parse("p3-t12-1")).toEqual({ partition: 3, term: 12, n: 1 });
    expect(scheduler.consumers.parse("somebody-else")).toBeNull();
    expect(scheduler.consumers.parseUnmatched(scheduler.consumers.buildUnmatched(4, 2))).toEqual({
      term: 4,
      n: 2,
    });
  });

  it("types events by entity and what happened", () => {
    expect(eventType("execution", "dispatched")).toBe("io.carillon.execution.dispatched.v1");
  });
});
