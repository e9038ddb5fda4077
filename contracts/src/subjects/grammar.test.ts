import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  containsPattern,
  isCommandId,
  isLiteralSubject,
  isName,
  isReplySubject,
  isSubjectPattern,
  matchesSubject,
  nameOrBlank,
  overlaps,
} from "./grammar.ts";

describe("isName", () => {
  it("takes 1 to 64 letters, digits, _ and -", () => {
    expect(["a", "A-1_b", "x".repeat(64)].every(isName)).toBe(true);
  });

  it.each(["", "x".repeat(65), "a.b", "a b", "a*", ">", "é", "a\n", "../a", 5, null])(
    "refuses %j",
    (text) => {
      expect(isName(text)).toBe(false);
    },
  );

  it("gives malformed tokens a blank in subjects of events", () => {
    expect([nameOrBlank("ok"), nameOrBlank("*"), nameOrBlank(undefined)]).toEqual(["ok", "_", "_"]);
  });
});

describe("isCommandId", () => {
  it("takes the tenant, a dot and up to 128 characters", () => {
    expect(isCommandId("acme", "acme.a:b@c~d-e_f.g")).toBe(true);
    expect(isCommandId("acme", `acme.${"x".repeat(128)}`)).toBe(true);
  });

  it.each([
    "acme.",
    "acme",
    "other.x",
    "acmex.y",
    `acme.${"x".repeat(129)}`,
    "acme.a b",
    "acme.a#b",
    "acme.é",
  ])("refuses %j", (id) => expect(isCommandId("acme", id)).toBe(false));
});

describe("isReplySubject", () => {
  it.each(["_INBOX.abc.1", "_INBOX_sched.x", "_R_.abc.def", "_INBOX"])("takes %s", (subject) => {
    expect(isReplySubject(subject)).toBe(true);
  });

  it.each([
    "cmd.notification.send",
    "_R_x.abc",
    "x._INBOX.a",
    "$JS.API.x",
    "",
    "_INBOX.*",
    "_INBOX.>",
    "_INBOX..a",
    "_INBOX.a b",
  ])("refuses %j", (subject) => expect(isReplySubject(subject)).toBe(false));
});

describe("isLiteralSubject", () => {
  it("takes one subject of up to 255 characters", () => {
    expect(isLiteralSubject("cmd.notification.send.bulk")).toBe(true);
    expect(isLiteralSubject("x".repeat(255))).toBe(true);
  });

  it.each([
    "",
    ".",
    ".a",
    "a.",
    "a..b",
    "a.*",
    "a.>",
    ">",
    "a*",
    "a>b",
    "a b",
    "a\tb",
    "a\r\nPUB x",
    "a\u0000",
    "é",
    "x".repeat(256),
  ])("refuses %j", (subject) => expect(isLiteralSubject(subject)).toBe(false));
});

describe("isSubjectPattern", () => {
  it.each([">", "*", "a.*.b", "a.>", "*.>"])("takes %s", (pattern) =>
    expect(isSubjectPattern(pattern)).toBe(true),
  );
  it.each(["a.>.b", "a*", "a..>", "", "a >"])("refuses %j", (pattern) =>
    expect(isSubjectPattern(pattern)).toBe(false),
  );
});

describe("matchesSubject", () => {
  it.each([
    ["orders.>", "orders.new", true],
    ["orders.>", "orders.new.eu", true],
    ["orders.>", "orders", false],
    ["orders.>", "ordersX", false],
    ["orders.*", "orders.new", true],
    ["orders.*", "orders.new.eu", false],
    ["orders.new", "orders.new", true],
    ["orders.new", "Orders.new", false],
    ["*.new", "orders.new", true],
    [">", "$JS.API", true],
    ["orders.>", "orders.>", false],
    ["orders.*", "orders.*", false],
  ])("%s against %s: %s", (pattern, subject, expected) =>
    expect(matchesSubject(pattern, subject)).toBe(expected),
  );
});

const token = fc.constantFrom("a", "b", "*");
const pattern = fc
  .tuple(fc.array(token, { maxLength: 3 }), fc.constantFrom("a", "b", "*", ">"))
  .map(([tokens, last]) => [...tokens, last].join("."));
const SUBJECTS = subjectsUpTo(5);

/** Every subject over `a` and `b` of at most so many tokens: a world small enough to try out. */
function subjectsUpTo(length: number): string[] {
  if (length === 1) return ["a", "b"];
  const shorter = subjectsUpTo(length - 1);
  return [...new Set(shorter.flatMap((subject) => [subject, `a.${subject}`, `b.${subject}`]))];
}

describe("containsPattern", () => {
  it("says what trying every subject says", () => {
    fc.assert(
      fc.property(pattern, pattern, (outer, inner) => {
        // `*` as a token stands for names other than a and b as well, so containment is judged over more than these.
        const tried = SUBJECTS.filter((subject) => matchesSubject(inner, subject));
        return !containsPattern(outer, inner) || tried.every((subject) => matchesSubject(outer, subject));
      }),
    );
  });

  it.each([
    [">", "a", true],
    ["a.>", "a.*", true],
    ["a.>", "a.b.>", true],
    ["a.*", "a.>", false],
    ["*.>", ">", false],
    ["a.*.c", "a.b.c", true],
    ["a.b", "a.*", false],
  ])("%s contains %s: %s", (outer, inner, expected) => expect(containsPattern(outer, inner)).toBe(expected));
});

describe("overlaps", () => {
  it("says what trying every subject says", () => {
    fc.assert(
      fc.property(pattern, pattern, (one, two) => {
        const both = SUBJECTS.some((subject) => matchesSubject(one, subject) && matchesSubject(two, subject));
        return overlaps(one, two) === both && overlaps(two, one) === both;
      }),
    );
  });
});
