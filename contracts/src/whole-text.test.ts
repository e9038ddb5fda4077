import fc from "fast-check";
import { expect, it } from "vitest";
import { wholeText } from "./whole-text.ts";

it("is the same text, cut anywhere out of any other", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.nat(), fc.nat(), (text, from, to) => {
      const cut = text.slice(from % (text.length + 1), to % (text.length + 1));
      expect(wholeText(cut)).toBe(cut);
    }),
  );
});
