/*
 * The parts of compose.yaml fit together, as far as that can be seen without Docker: what one part names, another one has.
 */

import { existsSync } from "node:fs";
import { join } from "node:path";
import { CONFIG_VARIABLES } from "@carillon/contracts";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { DEPLOY, readText } from "./files.ts";

interface Service {
  readonly build?: { readonly context: string; readonly dockerfile: string };
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly environment?: Readonly<Record<string, string>>;
  readonly volumes?: readonly string[];
  readonly ports?: readonly string[];
  readonly healthcheck?: unknown;
}

const { services, volumes }: { services: Record<string, Service>; volumes: Record<string, null> } = parse(
  readText("compose.yaml"),
  { merge: true },
);
const all = Object.values(services);
const workers = Object.entries(services).filter(([, { build }]) => build !== undefined);
const mounts = all.flatMap(({ volumes: mounted = [] }) => mounted.map((line) => line.split(":")));

describe("compose.yaml", () => {
  it("builds from files that exist", () => {
    expect(workers.map(([name]) => name)).toEqual(["worker-1", "worker-2"]);
    for (const [, { build }] of workers) {
      expect(existsSync(join(DEPLOY, build?.context ?? "", build?.dockerfile ?? ""))).toBe(true);
    }
  });

  it("mounts folders that exist, and volumes that it declares", () => {
    for (const [source = ""] of mounts) {
      expect(source.startsWith("./") ? existsSync(join(DEPLOY, source)) : source in volumes, source).toBe(
        true,
      );
    }
  });

  it("gives workers settings that they know", () => {
    const known = new Set<string>(CONFIG_VARIABLES.map(({ name }) => name));
    const given = workers.flatMap(([, { environment = {} }]) => Object.keys(environment));
    expect(given.filter((name) => !known.has(name))).toEqual([]);
  });

  it("waits for services that exist and can say that they are healthy", () => {
    const awaited = all.flatMap(({ depends_on = {} }) => Object.keys(depends_on));
    expect(new Set(awaited)).toEqual(new Set(["nats", "redis"]));
    for (const name of awaited) expect(services[name]?.healthcheck).toBeDefined();
  });

  it("opens its ports on loopback only, each once", () => {
    const ports = all.flatMap(({ ports: opened = [] }) => opened);
    expect(ports.filter((port) => !port.startsWith("127.0.0.1:"))).toEqual([]);
    expect(new Set(ports).size).toBe(ports.length);
  });

  it("has what Prometheus scrapes and what Grafana asks and shows", () => {
    const { scrape_configs } = parse(readText("prometheus/prometheus.yml"));
    const [{ targets }] = scrape_configs[0].static_configs;
    expect(targets).toEqual(workers.map(([name]) => `${name}:8008`));
    const { datasources } = parse(readText("grafana/provisioning/datasources/prometheus.yaml"));
    expect(new URL(datasources[0].url).hostname in services).toBe(true);
    const { providers } = parse(readText("grafana/provisioning/dashboards/carillon.yaml"));
    expect(mounts.map(([, target]) => target)).toContain(providers[0].options.path);
  });
});
