import { describe, expect, it } from "vitest";
import { encodeHeaders } from "./encoded-headers.ts";

const text = (id: string | null, headers: Record<string, string>): string =>
  new TextDecoder().decode(encodeHeaders(id, headers)?.encode());

describe("encodeHeaders", () => {
  it("is nothing where there is nothing to say", () => {
    expect(encodeHeaders(null, {})).toBeNull();
  });

  it("spells id and fields as the protocol wants them", () => {
    expect(text("acme.1", { "X-A": "b" })).toBe("NATS/1.0\r\nNats-Msg-Id: acme.1\r\nX-A: b\r\n\r\n");
  });

  it("flattens values that would begin a new line, and leaves out names that are none", () => {
    expect(text(null, { "X-A": "b\r\nX-B: c", "X C": "d", "": "e", "X:D": "f" })).toBe(
      "NATS/1.0\r\nX-A: b X-B: c\r\n\r\n",
    );
  });
});
