import { describe, expect, it } from "vitest";
import { BODY_BYTES_MAX, parseBody, WIDTH_MAX } from "./command-body.ts";

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

  const wide = Object.fromEntries(Array.from({ length: WIDTH_MAX + 1 }, (_, n) => [`f${n}`, n]));

  it.each([
    ["", wide],
    ["/target/headers", { target: { headers: wide } }],
    ["/trigger/a~1b", { trigger: { "a/b": wide } }],
    ["/tags", { tags: Object.values(wide) }],
    ["/metadata", { metadata: wide }],
  ])("is refused where a part of it is wider than any can be: %s", (path, body) => {
    const parsed = parseBody(new TextEncoder().encode(JSON.stringify(body)), { maxPayloadBytes: 8 });
    expect(parsed).toMatchObject({ ok: false, error: { code: "invalid_body", details: [{ path }] } });
  });

  it("may hold what it likes in a payload and in metadata", () => {
    expect(parse(JSON.stringify({ payload: wide, metadata: { wide } })).ok).toBe(true);
  });

  it("may be empty, and must be JSON otherwise", () => {
    expect(parse("")).toEqual({ ok: true, value: undefined });
    expect(parse("{")).toMatchObject({ ok: false, error: { code: "invalid_json" } });
  });
});
