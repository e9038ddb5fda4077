/**
 * The architecture as a test: who may import whom, where the clock, the environment and subjects may be touched, and how large a file may
 * grow. A rule that fails names the file and the way out.
 */

import { globSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { describe, expect, it } from "vitest";

const ROOT = join(import.meta.dirname, "..");

interface Source {
  path: string;
  text: string;
  lines: number;
}

const sources: readonly Source[] = globSync(["contracts/**/*.ts", "services/**/*.ts", "tests/**/*.ts"], {
  cwd: ROOT,
  exclude: (name) => ["node_modules", "dist", "generated", "coverage"].includes(name),
})
  .filter((path) => !path.split("/").some((part) => ["node_modules", "dist", "generated"].includes(part)))
  .map((path) => {
    const text = readFileSync(join(ROOT, path), "utf8");
    return { path, text, lines: text.split("\n").length };
  });

const production = sources.filter(
  ({ path }) => !path.includes(".test.") && !path.includes("/domain/testing/") && !path.startsWith("tests/"),
);
const withoutComments = (text: string): string =>
  text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "");

/** Layers of the scheduler from left to right: a file imports only from its own layer and those before it. */
const LAYERS = ["contracts", "domain", "app", "adapters", "compose", "main"] as const;

function layerOf(path: string): number {
  if (path.startsWith("contracts/")) return 0;
  const inside = path.replace("services/scheduler/src/", "");
  const layer = LAYERS.findIndex((name) => inside.startsWith(`${name}/`));
  if (layer >= 0) return layer;
  return inside === "compose.ts" ? LAYERS.indexOf("compose") : LAYERS.indexOf("main");
}

/** `import … from "x"`, also over several lines; `export … from "x"`; `import "x"`; `import("x")`. */
const IMPORT = /^(?:(?:import|export)\b[^\n]*|\}) from "([^"]+)"|^import "([^"]+)"|\bimport\("([^"]+)"\)/gm;

function importsOf({ path, text }: Source): string[] {
  const specifiers = [...text.matchAll(IMPORT)].map(
    ([, from, bare, dynamic]) => from ?? bare ?? dynamic ?? "",
  );
  return specifiers.map((specifier) =>
    specifier.startsWith(".") ? relative(ROOT, join(ROOT, dirname(path), specifier)) : specifier,
  );
}

const offenders = (files: readonly Source[], isBad: (source: Source) => unknown): string[] =>
  files.filter(isBad).map(({ path }) => path);

describe("imports", () => {
  it("go from main to the domain and never back", () => {
    const scheduler = production.filter(({ path }) => path.startsWith("services/scheduler/src/"));
    const backwards = scheduler.flatMap((source) =>
      importsOf(source)
        .filter(
          (target) => target.startsWith("services/scheduler/src/") && layerOf(target) > layerOf(source.path),
        )
        .filter((target) => !(target.endsWith("/compose.ts") && isPortsType(source, target)))
        .map((target) => `${source.path} → ${target}`),
    );
    expect(backwards).toEqual([]);
  });

  it("leave the domain with contracts, its own files and pure libraries", () => {
    const allowed = new Set(["@carillon/contracts", "croner", "rrule", "cronstrue", "node:crypto"]);
    const domain = production.filter(({ path }) => path.startsWith("services/scheduler/src/domain/"));
    const foreign = domain.flatMap((source) =>
      importsOf(source)
        .filter((target) => !target.startsWith("services/scheduler/src/domain/") && !allowed.has(target))
        .map((target) => `${source.path} → ${target}`),
    );
    expect(foreign).toEqual([]);
  });

  it("leave contracts without any dependency, the client with the NATS core alone", () => {
    const contracts = production.filter(({ path }) => path.startsWith("contracts/src/"));
    const foreign = contracts.flatMap((source) =>
      importsOf(source)
        .filter((target) => !target.startsWith("contracts/"))
        .filter((target) => !(source.path.includes("/client/") && target === "@nats-io/nats-core"))
        .map((target) => `${source.path} → ${target}`),
    );
    expect(foreign).toEqual([]);
  });

  it("leave the demo's auditor without a word of the worker", () => {
    const demo = production.filter(({ path }) => path.startsWith("services/demo/"));
    expect(
      offenders(demo, (source) =>
        importsOf(source).some((target) => target.includes("services/scheduler/src")),
      ),
    ).toEqual([]);
  });
});

/** A type of the composition's ports may be named by the adapter that fills them. */
const isPortsType = ({ path }: Source, target: string): boolean =>
  path === "services/scheduler/src/adapters/nats/ports.ts" && target === "services/scheduler/src/compose.ts";

describe("the worker", () => {
  const scheduler = production.filter(({ path }) => path.startsWith("services/scheduler/src/"));
  const core = scheduler.filter(({ path }) => /src\/(domain|app)\/|src\/compose\.ts$/.test(path));

  it("reads the clock in system-clock.ts only", () => {
    const clock =
      /\bDate\.now\(|\bnew Date\(\)|performance\.now\(|\bsetTimeout\(|\bsetInterval\(|Temporal\.Now/;
    const allowed = ["adapters/system-clock.ts", "adapters/ops/", "/main.ts"];
    const rest = scheduler.filter(({ path }) => !allowed.some((part) => path.includes(part)));
    expect(offenders(rest, ({ text }) => clock.test(withoutComments(text)))).toEqual([]);
  });

  it("draws no random number in domain and application", () => {
    expect(
      offenders(core, ({ text }) => /Math\.random|randomUUID|randomBytes/.test(withoutComments(text))),
    ).toEqual([]);
  });

  it("keeps its domain synchronous", () => {
    const domain = core.filter(({ path }) => path.includes("/domain/") && !path.includes(".test."));
    expect(
      offenders(domain, ({ text }) => /\basync\b|\bawait\b|\bPromise\b/.test(withoutComments(text))),
    ).toEqual([]);
  });

  it("reads the environment in config.ts only", () => {
    const others = scheduler.filter(({ path }) => !path.endsWith("src/config.ts"));
    expect(offenders(others, ({ text }) => withoutComments(text).includes("process.env"))).toEqual([]);
  });

  it("spells subjects and stream names in contracts only", () => {
    const subject =
      /["'`](cmd|rpc|evt|rpt|dead)\.(scheduler|\$\{)|["'`]SCHEDULER_(COMMANDS|EXECUTIONS|AUDIT|TARGETS|DEAD)\b|["'`]scheduler_(state|schedules|leases)/;
    expect(offenders(scheduler, ({ text }) => subject.test(withoutComments(text)))).toEqual([]);
  });

  it("writes to the console nowhere", () => {
    expect(offenders(scheduler, ({ text }) => /\bconsole\./.test(withoutComments(text)))).toEqual([]);
  });
});

describe("every file", () => {
  it("stays below 300 lines", () => {
    expect(sources.filter(({ lines }) => lines > 300).map(({ path, lines }) => `${path} (${lines})`)).toEqual(
      [],
    );
  });

  it("says its duty in its first lines", () => {
    expect(offenders(production, ({ text }) => !/^(#!.*\n)?\/\*/.test(text))).toEqual([]);
  });

  it("silences no rule of types or lint", () => {
    const silenced = /@ts-ignore|@ts-expect-error|@ts-nocheck|biome-ignore|eslint-disable/;
    expect(
      offenders(sources, ({ path, text }) => path !== "tests/tidy.test.ts" && silenced.test(text)),
    ).toEqual([]);
  });

  it("has no test that does not run", () => {
    const asleep = /\b(it|test|describe)\.(only|skip|todo|fails)\b/;
    expect(
      offenders(sources, ({ path, text }) => path !== "tests/tidy.test.ts" && asleep.test(text)),
    ).toEqual([]);
  });
});
