import { describe, expect, it } from "vitest";
import { differences } from "./difference.ts";
import { aDefinition } from "./testing/builders.ts";

describe("what an update changed", () => {
  it("is nothing between equal definitions, whatever the order of keys", () => {
    const one = aDefinition({ metadata: { a: "1", b: "2" } });
    const two = aDefinition({ metadata: { b: "2", a: "1" } });
    expect(differences(one, two)).toEqual([]);
  });

  it("is told field by field; a side that was not given is absent", () => {
    expect(
      differences(aDefinition({ name: "a", tags: ["x"] }), aDefinition({ name: "b", priority: 3 })),
    ).toEqual([
      { path: "/name", before: "a", after: "b" },
      { path: "/tags", before: ["x"] },
      { path: "/priority", after: 3 },
    ]);
  });

  it("keeps apart a field that is null from one that is not given", () => {
    expect(differences(aDefinition({ endAt: null }), aDefinition())).toEqual([
      { path: "/endAt", before: null },
    ]);
  });

  it("is told without its values where it may hold secrets", () => {
    const target = { subject: "cmd.notification.send", headers: { Authorization: "secret" } };
    expect(differences(aDefinition(), aDefinition({ target, payload: "secret" }))).toEqual([
      { path: "/target" },
      { path: "/payload" },
    ]);
  });
});
