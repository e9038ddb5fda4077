import { describe, expect, it } from "vitest";
import { assertVersion, ServerTooOld } from "./server-fitness.ts";

describe("assertVersion", () => {
  it.each(["2.12.0", "2.12.0-RC.1", "2.15.1", "2.100.0", "3.0.0", "v2.12.3"])("accepts %s", (version) => {
    expect(() => assertVersion(version)).not.toThrow();
  });

  it.each(["2.11.9", "2.9.25", "1.99.99", "0", ""])("refuses %s", (version) => {
    expect(() => assertVersion(version)).toThrow(ServerTooOld);
  });
});
