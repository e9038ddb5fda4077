/*
 * docs/recurrence.md, held to its word: what its tables say about a trigger is what happens.
 */
import { readFileSync } from "node:fs";
import type { DstOptions, Trigger } from "@carillon/contracts";
import { describe, expect, it } from "vitest";
import { formatInstant } from "../instant.ts";
import { compile, preview, resolve } from "./index.ts";

const PAGE = readFileSync(new URL("../../../docs/recurrence.md", import.meta.url), "utf8");
const MIDNIGHT = Date.UTC(2026, 0, 1);

/** The rows of the table whose head begins with these words, cell by cell, less the quotes of code. */
function rowsOf(head: string): string[][] {
  const lines = PAGE.split("\n");
  const begin = lines.findIndex((line) => line.startsWith(`| ${head} |`));
  const end = lines.findIndex((line, index) => index > begin && !line.startsWith("|"));
  return lines.slice(begin + 2, end).map((line) =>
    line
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim().replace(/^`(.*)`$/, "$1")),
  );
}

const triggerOf = (text: string, timezone: string, dst: DstOptions = {}): Trigger =>
  /FREQ=/.test(text)
    ? { type: "rrule", rrule: text, timezone, dst }
    : { type: "cron", expression: text, timezone, dst };

/** So many instants after one, or the code of the refusal. */
function answer(trigger: Trigger, after: number, count: number): string[] | string {
  const resolved = resolve(trigger, {
    acceptedAt: after,
    startAt: null,
    defaultTimezone: "UTC",
    lookaheadMs: 0,
  });
  const compiled = resolved.ok ? compile(resolved.trigger, after) : resolved;
  if (!compiled.ok) return compiled.fault.code;
  return preview(compiled.recurrence, after, count).map((at) => formatInstant(at).replace(".000Z", "Z"));
}

const listed = (cell = ""): string[] => cell.split(", ");

describe("docs/recurrence.md", () => {
  it.each([
    ["expression | next", 20],
    ["rule | next after 2026-01-01T00:00:00Z, DTSTART left out, in UTC", 4],
    ["expression | because", 19],
    ["rule refused | because", 12],
    ["trigger | zone", 13],
    ["never fires | because", 5],
  ])("has the table %s", (head, rows) => {
    expect(rowsOf(head)).toHaveLength(rows);
  });

  it.each([
    ...rowsOf("expression | next"),
    ...rowsOf("rule | next after 2026-01-01T00:00:00Z, DTSTART left out, in UTC"),
  ])("%s fires at %s", (text = "", times) => {
    expect(answer(triggerOf(text, "UTC"), MIDNIGHT, listed(times).length)).toEqual(listed(times));
  });

  it.each([...rowsOf("expression | because"), ...rowsOf("rule refused | because")])(
    "%s is refused: %s",
    (text = "") => {
      expect(answer(triggerOf(text, "UTC"), MIDNIGHT, 1)).toMatch(/^invalid_(?:trigger|timezone)$/);
    },
  );

  it.each(rowsOf("never fires | because"))("%s never fires: %s", (text = "") => {
    expect(answer(triggerOf(text, "UTC"), MIDNIGHT, 1)).toBe("never_fires");
  });

  it.each(rowsOf("trigger | zone"))("%s in %s with dst %s from %s fires at %s", (text = "", ...cells) => {
    const [zone = "", policy = "", from = "", times] = cells;
    const gap = (["next", "shift", "skip"] as const).find((name) => name === policy);
    const overlap = (["first", "second", "both"] as const).find((name) => name === policy);
    const dst = { ...(gap && { gap }), ...(overlap && { overlap }) };
    expect(answer(triggerOf(text, zone, dst), Date.parse(from), listed(times).length)).toEqual(listed(times));
  });
});
