import fc from "fast-check";
import { expect, it } from "vitest";
import { compactInstant, instantText } from "./instant-text.ts";

const instants = fc.integer({ min: -62_167_219_200_000, max: 253_402_300_799_999 });

it("writes an instant as Date does, whatever was written before", () => {
  fc.assert(
    fc.property(fc.array(instants), (ats) => {
      for (const at of ats) expect(instantText(at)).toBe(new Date(at).toISOString());
    }),
  );
});

it("writes neighbours around midnight and the epoch", () => {
  for (const at of [-1, 0, 1, 86_399_999, 86_400_000])
    expect(instantText(at)).toBe(new Date(at).toISOString());
});

it("leaves out what ids may not hold", () => {
  expect(compactInstant(Date.UTC(2026, 10, 21, 9, 5, 7, 42))).toBe("20261121T090507042Z");
});
