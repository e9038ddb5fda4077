/*
 * Board and alerts against what they look at: a real Prometheus scrapes two workers under load. Whatever a panel or an alert asks for
 * must be there; one that asks for a metric of another name would be quiet for ever.
 */

import { spawnSync } from "node:child_process";
import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { findPrometheus, type PrometheusServer, startPrometheus } from "@carillon/local";
import { jetstreamManager } from "@nats-io/jetstream";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { every, TARGET, UNCAPTURED } from "../support/definition.ts";
import { startCrew } from "../support/sharing.ts";
import { openStack, type Stack, TENANTS } from "../support/stack.ts";
import type { WorkerProcess } from "../support/worker-process.ts";
import { DEPLOY, metricsIn, readAlerts, readBoard, readText } from "./files.ts";
import { type PrometheusApi, prometheusApi } from "./prometheus-api.ts";

/** On a fresh machine the binary is fetched first. */
const FETCH_MS_MAX = 300_000;

/** How long what was provoked may take to be scraped. */
const SEEN_MS_MAX = 15_000;

/** What Grafana puts in place of its variables. */
const VARIABLES = { $job: "carillon", $__rate_interval: "1m" } as const;

const filled = (expr: string): string =>
  Object.entries(VARIABLES).reduce((text, [name, value]) => text.replaceAll(name, value), expr);

const queries = [
  ...readBoard().panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ expr }) => ({ of: `panel "${title}"`, expr: filled(expr) })),
  ),
  ...readAlerts().map(({ name, measured }) => ({ of: name, expr: measured })),
];

let stack: Stack;
let workers: readonly WorkerProcess[];
let folder: string;
let server: PrometheusServer;
let prometheus: PrometheusApi;

beforeAll(async () => {
  stack = await openStack();
  workers = await startCrew(stack, 2);
  // Only what has a limit has a ratio.
  const { streams } = await jetstreamManager(stack.nc);
  await streams.update("KV_scheduler_state", { max_bytes: 10_000_000 });
  folder = await mkdtemp(join(tmpdir(), "carillon-prometheus-"));
  await cp(join(DEPLOY, "prometheus"), folder, { recursive: true });
  const configFile = join(folder, "prometheus.yml");
  await writeFile(configFile, await configFor(workers));
  server = await startPrometheus({ configFile });
  prometheus = prometheusApi(server.url);
  await seen("count(scheduler_build_info) == 2");
  await provoke();
  await seen("sum(schedule_skips_total) > 0");
  await seen("sum(rate(schedule_retries_total[1m])) > 0");
  await seen("sum(increase(schedule_dead_letters_total[10m])) > 0");
  // Paused since, so that there is something to catch up with.
  await stack.client().resume("late", { from: "catch_up" });
  await seen("sum(rate(schedule_misfires_total[1m])) > 0");
}, FETCH_MS_MAX);

afterAll(async () => {
  await server?.stop();
  await stack?.close();
  if (folder !== undefined) await rm(folder, { recursive: true, force: true });
});

/** The configuration as it stands in `deploy/`, for these workers and less patient. */
async function configFor(targets: readonly WorkerProcess[]): Promise<string> {
  const addresses = await Promise.all(targets.map((worker) => worker.address()));
  const hosts = addresses.map((address) => JSON.stringify(new URL(address).host)).join(", ");
  const changed = readText("prometheus/prometheus.yml")
    .replace('"worker-1:8008", "worker-2:8008"', hosts)
    .replaceAll("_interval: 15s", "_interval: 500ms");
  if (!changed.includes(hosts)) throw new Error("prometheus.yml no longer names worker-1 and worker-2");
  return changed;
}

async function seen(expr: string): Promise<void> {
  const look = async (): Promise<void> => expect(await prometheus.query(expr), expr).not.toEqual([]);
  await vi.waitFor(look, { timeout: SEEN_MS_MAX, interval: 100 });
}

/** Fires, refusals, retries, dead letters, skips, and what will be missed. */
async function provoke(): Promise<void> {
  const client = stack.client();
  const acme = stack.client("acme");
  const impatient = { graceSeconds: 0, policy: "skip" } as const;
  await client.create("late", every(0.1, { misfire: impatient }));
  await client.pause("late");
  await acme.create("denied", every(0.1));
  await client.create("steady", every(0.1));
  const retry = { maxAttempts: 2, initialDelaySeconds: 0.1 };
  await client.create("refused", every(0.2, { target: { subject: UNCAPTURED }, retry }));
  await expect(client.create("steady", every(7))).rejects.toMatchObject({ code: "schedule_exists" });
  await stack.writeTenants({
    ...TENANTS,
    acme: { targets: [{ subject: `${TARGET}.other`, capture: true }] },
  });
}

describe("with workers under load", () => {
  it("every metric of board and alerts is one that workers expose", async () => {
    const pages = await Promise.all(workers.map((worker) => worker.page("/metrics")));
    const exposed = new Set(
      pages.flatMap(({ body }) => [...body.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name)),
    );
    const asked = queries.flatMap(({ of, expr }) => metricsIn(expr).map((metric) => ({ of, metric })));
    const unknown = asked.filter(
      ({ metric }) => metric !== "up" && !exposed.has(metric) && !exposed.has(metric.replace(/_bucket$/, "")),
    );
    expect(unknown).toEqual([]);
  });

  it.each(queries)("$of has data", ({ expr }) => seen(expr));

  it("Prometheus can judge every alert", async () => {
    await expect
      .poll(async () => (await prometheus.rules()).map(({ health }) => health), { timeout: SEEN_MS_MAX })
      .toEqual(readAlerts().map(() => "ok"));
  });

  it("the dead letters that were provoked raise their alert, in words", async () => {
    const firing = async () => (await prometheus.alerts()).filter(({ state }) => state === "firing");
    await expect
      .poll(async () => (await firing()).map(({ labels }) => labels["alertname"]), { timeout: SEEN_MS_MAX })
      .toContain("CarillonDeadLetters");
    const [alert] = (await firing()).filter(({ labels }) => labels["alertname"] === "CarillonDeadLetters");
    expect(alert?.labels).toMatchObject({ job: "carillon", severity: "warning" });
    expect(alert?.annotations["description"]).toMatch(/^Commands of carillon were refused/);
  });
});

describe("promtool", () => {
  it.each([
    ["check", "config", "prometheus.yml"],
    ["check", "rules", "alerts.yml"],
    ["test", "rules", "alerts.test.yml"],
  ])("%s %s %s", async (...command) => {
    const promtool = join(dirname((await findPrometheus()).path), "promtool");
    const { status, stdout, stderr } = spawnSync(promtool, command, {
      cwd: join(DEPLOY, "prometheus"),
      encoding: "utf8",
    });
    expect(`${stdout}${stderr}`).toContain("SUCCESS");
    expect(status).toBe(0);
  });
});
