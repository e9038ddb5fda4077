import { describe, expect, it } from "vitest";
import { compareVersions, isAtLeast, versionIn } from "./version.ts";

describe("versionIn", () => {
  it.each([
    ["nats-server: v2.15.1\n", "2.15.1"],
    ["Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64", "7.0.15"],
    ["2.9.10-1+b3", "2.9.10"],
    ["5:7.0.15-1~deb12u10", "7.0.15"],
    ["nats-server: v2.14.0-beta.1", "2.14.0"],
    ["8.2", "8.2.0"],
  ])("reads %j as %s", (text, version) => {
    expect(versionIn(text)).toBe(version);
  });

  it("finds no version in a text without one", () => {
    expect(versionIn("(none)")).toBeNull();
  });
});

describe("isAtLeast", () => {
  it.each([
    ["2.12.0", "2.12.0", true],
    ["2.9.10", "2.12.0", false],
    ["10.0.0", "9.9.9", true],
    ["2.12.0", "2.12.1", false],
  ])("%s at least %s: %s", (version, minimum, expected) => {
    expect(isAtLeast(version, minimum)).toBe(expected);
  });

  it("orders numbers by value, not by spelling", () => {
    expect(["2.9.0", "2.10.0", "2.2.30"].sort(compareVersions)).toEqual(["2.2.30", "2.9.0", "2.10.0"]);
  });
});
