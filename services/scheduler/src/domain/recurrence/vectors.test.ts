/*
 * What other projects' tests demand, case by case; and, by name and reason, what is answered otherwise here.
 */
import { describe, expect, it } from "vitest";
import {
  type Answer,
  agrees,
  answer,
  differencesOf,
  type Kind,
  resolvedOf,
  vectorsOf,
} from "../testing/vectors.ts";
import { describe as words } from "./describe.ts";

const KINDS: readonly Kind[] = ["cron", "rrule"];

describe.each(KINDS)("%s cases of other projects", (kind) => {
  const differences = new Map<string, Answer>(
    differencesOf(kind).flatMap(({ answers }) => Object.entries(answers)),
  );
  const vectors = vectorsOf(kind);

  it.each(vectors.filter(({ id }) => !differences.has(id)))("$id $expr", (vector) => {
    const given = answer(kind, vector);
    expect(agrees(vector, given), `${given}, expected ${vector.expected ?? vector.kind}`).toBe(true);
  });

  describe.each(differencesOf(kind))("$because", ({ answers }) => {
    it.each(Object.entries(answers))("%s", (id, stated) => {
      const vector = vectors.find((candidate) => candidate.id === id);
      if (vector === undefined) throw new Error(`${id}: no such case`);
      expect(answer(kind, vector)).toEqual(stated);
      expect(agrees(vector, stated)).toBe(false);
    });
  });
});

describe("the cases", () => {
  /** `tier: as many that agree + as many that differ`. */
  const count = (kind: Kind): Record<string, string> => {
    const differing = new Set(differencesOf(kind).flatMap(({ answers }) => Object.keys(answers)));
    const tiers = Object.groupBy(vectorsOf(kind), ({ tier }) => tier);
    return Object.fromEntries(
      Object.entries(tiers).map(([tier, vectors]) => {
        const differ = vectors.filter(({ id }) => differing.has(id)).length;
        return [tier, `${vectors.length - differ} + ${differ}`];
      }),
    );
  };

  it("are all there, and no more differ than are said to", () => {
    expect(count("cron")).toEqual({
      core: "744 + 0",
      dst: "154 + 24",
      and: "27 + 0",
      never: "57 + 0",
      dialect: "187 + 129",
    });
    expect(count("rrule")).toEqual({ core: "406 + 14", dialect: "58 + 25" });
  });

  it("name each difference once", () => {
    for (const kind of KINDS) {
      const ids = differencesOf(kind).flatMap(({ answers }) => Object.keys(answers));
      expect(new Set(ids).size).toBe(ids.length);
    }
  });

  it("are put into words, with the zone that they run in, or refused with place, value and expectation", () => {
    for (const kind of KINDS) {
      for (const vector of vectorsOf(kind)) {
        const resolved = resolvedOf(kind, vector);
        if (resolved.ok) {
          const text = words(resolved.trigger);
          expect(text, vector.expr).not.toMatch(/undefined|null|NaN|error|\[object/i);
          expect(text).toMatch(/^[A-Z0-9].{3,}/);
          if ("timezone" in resolved.trigger)
            expect(text.endsWith(`, ${resolved.trigger.timezone}`)).toBe(true);
        } else {
          const { path, message } = resolved.fault;
          expect(path).toBe(kind === "cron" ? "/trigger/expression" : "/trigger/rrule");
          expect(message, vector.expr).toMatch(/^.+: expected .{3,}|; expected at least one$/s);
        }
      }
    }
  });
});
