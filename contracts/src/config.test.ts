import { describe, expect, it } from "vitest";
import { CONFIG_VARIABLES, isConfiguration, REPLACED_VARIABLES } from "./index.ts";

describe("CONFIG_VARIABLES", () => {
  it("has defaults that fit their own schema", () => {
    const defaults = CONFIG_VARIABLES.filter(({ default: value }) => value !== null);
    expect(isConfiguration(Object.fromEntries(defaults.map((row) => [row.name, row.default])))).toBe(true);
  });

  it("shares no name with what it replaces", () => {
    expect(CONFIG_VARIABLES.filter(({ name }) => Object.hasOwn(REPLACED_VARIABLES, name))).toEqual([]);
  });

  it("masks whatever can hold a password", () => {
    const secret = CONFIG_VARIABLES.filter((row) => row.secret !== "none").map(({ name }) => name);
    expect(secret).toEqual(["NATS_URL", "NATS_PASSWORD", "REDIS_URL"]);
  });
});
