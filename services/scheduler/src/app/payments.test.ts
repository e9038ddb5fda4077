import { describe, expect, it } from "vitest";
import { Payments } from "./payments.ts";

describe("payments of one schedule", () => {
  it("are found by their ids until they are over, whichever is over first", async () => {
    const payments = new Payments();
    const paid = ["a", "b", "c"].map((id) => {
      const one = Promise.resolve();
      payments.add(id, one);
      return one;
    });
    payments.delete("b");
    payments.delete("never");
    expect([payments.get("a"), payments.get("b"), payments.get("c"), payments.size]).toEqual([
      paid[0],
      null,
      paid[2],
      2,
    ]);
    payments.delete("c");
    expect(payments.all()).toEqual([paid[0]]);
    payments.delete("a");
    expect([payments.all(), payments.size]).toEqual([[], 0]);
  });
});
