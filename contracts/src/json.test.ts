import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonical, DEPTH_MAX, equalJson, parseJson } from "./json.ts";

const nested = (levels: number): string => `${"[".repeat(levels)}${"]".repeat(levels)}`;

describe("parseJson", () => {
  it("reads JSON from bytes and from text", () => {
    expect(parseJson(new TextEncoder().encode('{"a":1}'))).toEqual({ ok: true, value: { a: 1 } });
    expect(parseJson("null")).toEqual({ ok: true, value: null });
  });

  it.each([
    ["an empty body", "", "the body is empty; expected JSON"],
    ["words", "hello", "the body is not JSON: Unexpected token 'h'"],
    ["bytes that are no UTF-8", new Uint8Array([0x22, 0xff, 0x22]), "the body is not JSON: not UTF-8"],
    ["a byte order mark", "\ufeff{}", "the body is not JSON"],
    ["a number beyond a double", '{"a":[1e400]}', "the body holds a number beyond the range of a double"],
    ["too many levels", nested(DEPTH_MAX + 1), `the body nests deeper than ${DEPTH_MAX} levels`],
    ["a name twice in one object", '{"a":{"b":1,"c":[{}],"b":2}}', 'the body names "b" twice in one object'],
    ["a name twice, once escaped", '{"a":1,"\\u0061":1}', 'the body names "a" twice in one object'],
    ["levels that would overflow a stack", nested(200_000), `the body nests deeper than ${DEPTH_MAX} levels`],
  ])("refuses %s", (_, body, message) => {
    const parsed = parseJson(body);
    expect(parsed.ok).toBe(false);
    expect(parsed.ok ? "" : parsed.message).toContain(message);
  });

  it("takes the deepest level that is allowed", () => {
    expect(parseJson(nested(DEPTH_MAX)).ok).toBe(true);
  });

  it("takes every text that JSON.stringify writes", () => {
    fc.assert(
      fc.property(
        fc.jsonValue({ maxDepth: 5, stringUnit: "binary" }),
        (value) => parseJson(JSON.stringify(value)).ok,
      ),
    );
  });

  it.each(['["a:","b\\":",{"a":":"},{"a":":"}]', '{"a":{"a":1},"b":{"a":1}}', '"{\\"a\\":1,\\"a\\":1}"'])(
    "finds no name twice in %s",
    (text) => expect(parseJson(text).ok).toBe(true),
  );

  it("does not quote the body at length", () => {
    const parsed = parseJson(`{"secret":"${"s3cret".repeat(20)}" oops}`);
    expect(parsed.ok ? "" : parsed.message).not.toContain("s3cret");
  });
});

describe("canonical", () => {
  it("spells equal values alike, whatever the order of their keys", () => {
    expect(canonical({ b: [1, { d: 2, c: 3 }], a: "é" })).toBe('{"a":"é","b":[1,{"c":3,"d":2}]}');
  });

  it("leaves out what JSON cannot hold", () => {
    expect(canonical({ a: undefined, b: [undefined] })).toBe('{"b":[null]}');
  });

  it("keeps __proto__ as plain data", () => {
    expect(canonical(JSON.parse('{"__proto__":{"admin":true}}'))).toBe('{"__proto__":{"admin":true}}');
  });

  it("says the same as JSON for every value that JSON can hold", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) =>
        equalJson(JSON.parse(canonical(value)), JSON.parse(JSON.stringify(value))),
      ),
    );
  });
});

describe("equalJson", () => {
  it("says what comparing the one spelling says", () => {
    const value = fc.jsonValue({ maxDepth: 3 });
    const pair = fc.oneof(
      fc.tuple(value, value),
      value.map((one) => [one, JSON.parse(canonical(one))] as const),
    );
    fc.assert(fc.property(pair, ([one, two]) => equalJson(one, two) === (canonical(one) === canonical(two))));
  });

  it("tells values apart that only look alike", () => {
    expect(equalJson({ a: 1 }, { a: "1" })).toBe(false);
    expect(equalJson({ a: null }, {})).toBe(false);
    expect(equalJson([1, 2], [2, 1])).toBe(false);
    expect(equalJson(0, -0)).toBe(true);
  });
});
