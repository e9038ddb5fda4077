import { describe, expect, it } from "vitest";
import { remembering } from "./answers.ts";

/** Every ten, up to 100. */
function counted() {
  const asked: number[] = [];
  const next = remembering(
    (after) => {
      asked.push(after);
      const at = Math.floor(after / 10) * 10 + 10;
      return at > 100 ? null : at;
    },
    () => false,
  );
  return { next, asked };
}

describe("remembered answers", () => {
  it("answer whoever asks within a gap that was asked about", () => {
    const { next, asked } = counted();
    expect([10, 11, 19, 10].map(next)).toEqual([20, 20, 20, 20]);
    expect(asked).toEqual([10]);
  });

  it("serve schedules in step, each of which asks for its next and for the one after it", () => {
    const { next, asked } = counted();
    for (let schedule = 0; schedule < 1_000; schedule++) expect(next(next(10) ?? 0)).toBe(30);
    expect(asked).toEqual([10, 20]);
  });

  it("say nothing of what lies before the question", () => {
    const { next, asked } = counted();
    expect([15, 12, 9].map(next)).toEqual([20, 20, 10]);
    expect(asked).toEqual([15, 12, 9]);
  });

  it("know that nothing comes any more", () => {
    const { next, asked } = counted();
    expect([100, 200, 100].map(next)).toEqual([null, null, null]);
    expect(asked).toEqual([100]);
  });

  it("are not kept where the search ran out of steps", () => {
    let asked = 0;
    const next = remembering(
      () => {
        asked++;
        return null;
      },
      () => true,
    );
    expect([1, 1].map(next)).toEqual([null, null]);
    expect(asked).toBe(2);
  });
});
