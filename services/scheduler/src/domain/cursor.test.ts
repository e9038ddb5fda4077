import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cursorAfter, readCursor } from "./cursor.ts";

const scheduleId = fc.stringMatching(/^[A-Za-z0-9_-]{1,64}$/);

describe("a cursor", () => {
  it("is read as the schedule that it was made after", () => {
    fc.assert(fc.property(scheduleId, (id) => void expect(readCursor(cursorAfter(id))).toBe(id)));
  });

  it("fits a subject, a URL and a shell as it is", () => {
    fc.assert(fc.property(scheduleId, (id) => void expect(cursorAfter(id)).toMatch(/^[A-Za-z0-9_-]+$/)));
  });

  it("is nothing that somebody made up", () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.base64String(), fc.stringMatching(/^[A-Za-z0-9_-]{0,99}$/)),
        (text) => {
          const id = readCursor(text);
          expect(id === null || cursorAfter(id) === text).toBe(true);
        },
      ),
    );
  });

  it.each([
    ["an empty text", ""],
    ["another mark", btoa("2.daily")],
    ["no id", btoa("1.").replaceAll("=", "")],
    ["an id outside the grammar", btoa("1.a.b").replaceAll("=", "")],
    ["padding", btoa("1.ab")],
    ["a length that no base64 has", `${cursorAfter("daily")}A`.slice(0, 9)],
    ["bits left over", "MS5kYWlseR"],
  ])("does not hold with %s", (_what, text) => expect(readCursor(text)).toBeNull());
});
