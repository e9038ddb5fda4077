import { describe, expect, it } from "vitest";
import { EXIT, exitOf, Misconfigured } from "./exit.ts";

const named = (name: string): Error => Object.assign(new Error("one line"), { name });

describe("the end of a start that failed", () => {
  it("has a line for every fault of the configuration", () => {
    expect(exitOf(new Misconfigured(["A: bad", "B: bad"]))).toEqual({
      code: 78,
      lines: ["A: bad", "B: bad"],
    });
  });

  it.each(["TopologyFault", "AddressUnavailable", "ApiRefusal"])("is the operator's to mend: %s", (name) => {
    expect(exitOf(named(name))).toEqual({ code: EXIT.config, lines: ["one line"] });
  });

  it("says that the server is unfit", () => {
    expect(exitOf(named("ServerTooOld")).code).toBe(EXIT.unavailable);
  });

  it("is silent where it was asked for", () => {
    expect(exitOf(named("Abandoned"))).toEqual({ code: EXIT.ok, lines: [] });
  });

  it("shows where a bug is", () => {
    const { code, lines } = exitOf(new TypeError("x is not a function"));
    expect(code).toBe(EXIT.software);
    expect(lines.join()).toContain("exit.test.ts");
  });
});
