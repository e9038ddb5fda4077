import { describe, expect, it } from "vitest";
import type { Schedule } from "../domain/schedule.ts";
import { aSchedule, withState } from "../domain/testing/builders.ts";
import { Census } from "./census.ts";
import { Held } from "./held.ts";

function heldOf(scheduleId: string, schedule: Schedule | null = aSchedule()): Held {
  const held = new Held({ key: `0.acme.${scheduleId}`, tenant: "acme" });
  held.adopt(schedule, 1);
  return held;
}

const completed = withState(aSchedule(), { status: "completed" });
const deleted = withState(aSchedule(), { status: "deleted" });

describe("the census", () => {
  it("counts the schedules of a tenant, and of each creator in it", () => {
    const census = new Census();
    const bobs = aSchedule();
    census.note(heldOf("a"));
    census.note(heldOf("b", { ...bobs, record: { ...bobs.record, createdBy: "bob" } }));
    expect(census.count("acme", "ada")).toEqual({ tenant: 2, creator: 1 });
    expect(census.count("beta", "ada")).toEqual({ tenant: 0, creator: 0 });
  });

  it("counts what is being stored, until that was refused", () => {
    const census = new Census();
    const held = heldOf("a", null);
    held.beginWrite(aSchedule());
    census.note(held);
    expect(census.count("acme", "ada").tenant).toBe(1);
    held.endWrite(null);
    census.note(held);
    expect(census.count("acme", "ada").tenant).toBe(0);
  });

  it("counts each once, however often it is noted", () => {
    const census = new Census();
    const held = heldOf("a");
    for (let times = 0; times < 3; times++) census.note(held);
    expect([census.count("acme", "ada").tenant, [...census.kinds]]).toEqual([1, [["interval active", 1]]]);
  });

  it("shows completed ones, but counts them against no limit", () => {
    const census = new Census();
    const held = heldOf("a");
    census.note(held);
    held.adopt(completed, 2);
    census.note(held);
    expect([census.count("acme", "ada").tenant, [...census.kinds]]).toEqual([0, [["interval completed", 1]]]);
  });

  it("forgets what is deleted, gone, or handed on", () => {
    const census = new Census();
    const [tombstone, gone, handedOn] = [heldOf("a"), heldOf("b"), heldOf("c")];
    for (const held of [tombstone, gone, handedOn]) census.note(held);
    tombstone.adopt(deleted, 2);
    census.note(tombstone);
    gone.adopt(null, 0);
    census.note(gone);
    census.remove(handedOn);
    census.remove(handedOn);
    expect([census.count("acme", "ada"), [...census.kinds]]).toEqual([{ tenant: 0, creator: 0 }, []]);
  });

  it("counts anew who creates what was deleted", () => {
    const census = new Census();
    const held = heldOf("a", deleted);
    census.note(held);
    held.adopt(aSchedule(), 3);
    census.note(held);
    expect(census.count("acme", "ada")).toEqual({ tenant: 1, creator: 1 });
  });
});
