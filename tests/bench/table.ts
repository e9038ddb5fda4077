/** Figures for people, a line each: value, peer, ratio, and whether the target is met. */

import { type Figure, isMet, ratioOf, type Target } from "./figure.ts";

export function table(figures: readonly Figure[]): string {
  const rows = figures.map((figure) => [
    figure.name,
    shown(figure.value, figure.unit),
    figure.peer === null ? "" : `${figure.peer.name} ${shown(figure.peer.value, figure.unit)}`,
    ratioOf(figure) === null ? "" : `${(ratioOf(figure) ?? 0).toPrecision(3)} ×`,
    verdict(figure),
  ]);
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  return rows
    .map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ")}`.trimEnd())
    .join("\n");
}

const shown = (value: number, unit: string): string =>
  `${value >= 1000 ? Math.round(value) : value.toPrecision(3)} ${unit}`;

function verdict(figure: Figure): string {
  const { target } = figure;
  return target === null ? "" : `${isMet(figure) ? "met" : "MISSED"} (${wanted(target, figure.unit)})`;
}

function wanted(target: Target, unit: string): string {
  if ("most" in target) return `at most ${target.most} ${unit}`;
  if ("least" in target) return `at least ${target.least} ${unit}`;
  if ("timesAsDear" in target) return `at most ${target.timesAsDear} ×`;
  return `at least ${"timesCheaper" in target ? target.timesCheaper : target.timesAsMany} ×`;
}
