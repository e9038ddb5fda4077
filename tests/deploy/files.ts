/** What the files of `deploy/` say, read as their programs read them: the board's queries, the alerts and their tests. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";

export const ROOT = join(import.meta.dirname, "../..");
export const DEPLOY = join(ROOT, "deploy");

export const readText = (path: string): string => readFileSync(join(DEPLOY, path), "utf8");

export interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly datasource?: { readonly uid: string };
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly { readonly expr: string }[];
}

export const readBoard = (): { readonly uid: string; readonly panels: readonly Panel[] } =>
  JSON.parse(readText("grafana/dashboards/carillon.json"));

export interface Alert {
  readonly name: string;
  readonly severity: string;
  readonly annotations: Readonly<Record<string, string>>;
  /** The number that is compared with a bound. */
  readonly measured: string;
}

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: Readonly<Record<string, string>>;
}

/** A number, a comparison and a bound. */
const ALERT_EXPR = /^([\s\S]+) [<>] [\d.]+$/;

export function readAlerts(): Alert[] {
  const { groups }: { groups: { rules: Rule[] }[] } = parse(readText("prometheus/alerts.yml"));
  return groups.flatMap(({ rules }) =>
    rules.map(({ alert, expr, labels, annotations }) => {
      const measured = ALERT_EXPR.exec(expr)?.[1];
      if (measured === undefined) throw new Error(`${alert}: ${expr}; expected a number, < or >, a bound`);
      return { name: alert, severity: labels.severity, annotations, measured };
    }),
  );
}

interface RuleTests {
  readonly tests: readonly {
    readonly promql_expr_test: readonly { readonly expr: string; readonly exp_samples: readonly unknown[] }[];
  }[];
}

/** For each alert that is tested: whether it is shown firing, and shown silent. */
export function readShown(): Map<string, { fires: boolean; silent: boolean }> {
  const { tests }: RuleTests = parse(readText("prometheus/alerts.test.yml"));
  const shown = new Map<string, { fires: boolean; silent: boolean }>();
  for (const { expr, exp_samples } of tests.flatMap(({ promql_expr_test }) => promql_expr_test)) {
    const name = /alertname="(\w+)"/.exec(expr)?.[1];
    if (name === undefined) continue;
    const now = shown.get(name) ?? { fires: false, silent: false };
    const fires = exp_samples.length > 0;
    shown.set(name, { fires: now.fires || fires, silent: now.silent || !fires });
  }
  return shown;
}

/** Names of the metrics that an expression reads. */
export function metricsIn(expr: string): string[] {
  const bare = expr
    .replace(/\{[^}]*\}/g, "")
    .replace(/\bby \([^)]*\)/g, "")
    .replace(/\bon \([^)]*\)( group_left)?/g, "");
  return [...new Set(bare.match(/\b(?:up|[a-z]+_[a-z0-9_]+)\b(?!\()/g) ?? [])].filter(
    (name) => name !== "histogram_quantile" && !name.startsWith("__"),
  );
}
