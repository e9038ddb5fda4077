import { expect, it } from "vitest";
import { CommonTexts } from "./common-texts.ts";

it("keeps so many texts, and tells those that it knows when there are more", () => {
  const texts = new CommonTexts(2);
  expect(["a", "b", "c", "a"].map((text) => texts.of(text))).toEqual(["a", "b", null, "a"]);
});
