/**
 * The process: configuration, start, signals, end. `--local` starts a nats-server of its own on this machine first, and with
 * `--redis` a redis-server too, for the leases.
 */

import { limitHeapGrowth } from "./adapters/ops/heap-growth.ts";
import { createLog } from "./adapters/ops/log.ts";
import { createMetrics } from "./adapters/ops/metrics.ts";
import { telemetry } from "./adapters/ops/telemetry.ts";
import { bugOf } from "./app/signals.ts";
import { type Loaded, loadConfig, loadConfigWith } from "./config.ts";
import { EXIT, exitOf } from "./exit.ts";
import { startService } from "./service.ts";

/** An end takes no longer than this, whatever hangs; orchestrators kill after ten seconds or more. */
const END_MAX_MS = 9_500;

limitHeapGrowth();

const asked = (option: string): boolean => process.argv.includes(option);
await using local = asked("--local") ? await startLocal(asked("--redis")) : null;
const loaded = local === null ? loadConfig() : loadConfigWith(local.settings);
await (loaded.ok ? run(loaded) : Promise.resolve(fail(loaded.faults, EXIT.config)));

async function run({ config, warnings, printable }: Extract<Loaded, { ok: true }>): Promise<void> {
  const { logLevel: level, logFormat: format, serviceName: service, serviceVersion: version } = config;
  const metrics = createMetrics();
  const tell = telemetry({ log: createLog({ level, format, service, version, stream: null }), metrics });
  const closing = new AbortController();
  const asked = endAsked(closing);
  process.on("unhandledRejection", (error) => bug(error));
  process.on("uncaughtException", (error) => bug(error));
  const bug = (error: unknown): void => {
    tell(bugOf(error));
    process.exit(EXIT.software);
  };
  tell({ kind: "worker.configured", settings: printable });
  for (const message of warnings) tell({ kind: "warning", message });
  try {
    const running = await startService(config, { metrics, tell }, closing.signal);
    process.on("SIGHUP", () => void running.reread());
    const reason = await Promise.race([asked, running.outdated]);
    endInTime();
    tell({ kind: "worker.stopping", reason: reason instanceof Error ? reason.message : reason });
    await running.stop();
    if (reason instanceof Error) throw reason;
  } catch (error) {
    const { code, lines } = exitOf(error);
    fail(lines, code);
  }
}

/** Resolves at the first signal to end. */
function endAsked(closing: AbortController): Promise<string> {
  return new Promise((resolve) => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) {
      process.once(signal, () => {
        closing.abort();
        endInTime();
        resolve(signal);
      });
    }
  });
}

/** From the first call on the process has END_MAX_MS. */
function endInTime(): void {
  setTimeout(() => process.exit(EXIT.software), END_MAX_MS).unref();
}

function fail(lines: readonly string[], code: number): void {
  for (const line of lines) process.stderr.write(`${line}\n`);
  process.exitCode = code;
}

async function startLocal(withRedis: boolean) {
  const { startNats, startRedis } = await import("@carillon/local");
  await using servers = new AsyncDisposableStack();
  const settings: Record<string, string> = {};
  const serve = (name: string, server: Awaited<ReturnType<typeof startNats>>): string => {
    servers.defer(() => server.stop());
    process.stderr.write(`${name} on ${server.url}\n`);
    return server.url;
  };
  settings["NATS_URL"] = serve("nats-server", await startNats());
  if (withRedis) settings["REDIS_URL"] = serve("redis-server", await startRedis());
  const ending = servers.move();
  return { settings, [Symbol.asyncDispose]: () => ending.disposeAsync() };
}
