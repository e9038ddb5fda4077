import { describe, expect, it } from "vitest";
import { parseHeaders } from "./heard-headers.ts";

const parse = (...lines: string[]) => parseHeaders(Buffer.from(`${lines.join("\r\n")}\r\n\r\n`));

describe("headers that anybody may have sent", () => {
  it("are what stands between two line ends", () => {
    const headers = parse("NATS/1.0", "Scheduler-Actor:  ada ", "X:", "Scheduler-Actor: eve");
    expect([headers.get("Scheduler-Actor"), headers.get("X"), headers.get("Y")]).toEqual(["ada", "", null]);
    expect(headers.code).toBe(0);
  });

  it("may hold line breaks, nulls, odd names and lines that are no header", () => {
    const headers = parse(
      "NATS/1.0",
      "a b: c",
      ": d",
      "garbage",
      "é: f",
      "LF: g\nCR: h",
      "CR: i\rj",
      "NUL: \0",
    );
    expect([headers.get("LF"), headers.get("CR"), headers.get("NUL")]).toEqual(["g\nCR: h", "i\rj", "\0"]);
  });

  it("tell the status of a message of the server", () => {
    const headers = parse("NATS/1.0 409 Consumer Deleted", "Nats-Pending-Messages: 5");
    expect([headers.code, headers.get("Nats-Pending-Messages")]).toEqual([409, "5"]);
    expect(parse("NATS/1.0 nonsense").code).toBe(0);
  });
});
