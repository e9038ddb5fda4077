import { describe, expect, it } from "vitest";
import { BODY_BYTES_MAX, parseBody } from "./command-body.ts";

const parse = (text: string) => parseBody(new TextEncoder().encode(text), { maxPayloadBytes: 8 });
const ofLength = (bytes: number): string => JSON.stringify("x".repeat(bytes - 2));

describe("the body of a command", () => {
  it("may be as long as the largest payload and all that stands beside it", () => {
    expect(parse(ofLength(BODY_BYTES_MAX + 8)).ok).toBe(true);
  });

  it("is refused unread where it is longer", () => {
    expect(parse("[".repeat(BODY_BYTES_MAX + 9))).toMatchObject({
      ok: false,
      error: { code: "payload_too_large", details: [{ path: "" }] },
    });
  });

  it("may be empty, and must be JSON otherwise", () => {
    expect(parse("")).toEqual({ ok: true, value: undefined });
    expect(parse("{")).toMatchObject({ ok: false, error: { code: "invalid_json" } });
  });
});
