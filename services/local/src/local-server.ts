/**
 * A server on this machine that can be stopped, killed, paused and started again on the same port and store.
 *
 *   running ──kill──► dead ──restart──► running ──stop──► stopped (for good; a temporary store is removed)
 *
 * What differs between NATS and Redis is in the plan: the arguments, and how to know that it serves.
 */

import { rmSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Report, ServerBinary } from "./finding.ts";
import { freePort } from "./free-port.ts";
import { LocalStackError } from "./local-stack-error.ts";
import { guardAgainstOrphan } from "./orphan-guard.ts";
import { type ServerProcess, startProcess } from "./server-process.ts";

/** A server may load a large store before it serves; past this it counts as hung and is killed. */
const START_MS_MAX = 60_000;
const READY_POLL_MS = 5;
/** Ports tried when others take them between our probe and the server's bind. */
const PORT_TRIES_MAX = 5;

export type LocalServer = {
  readonly url: string;
  readonly port: number;
  /** Process id of the present run; null when it is not running, or not ours. */
  readonly pid: number | null;
  /** Folder that holds its data; empty when the server is not ours. */
  readonly storeDir: string;
  /** Ends it in order (SIGTERM, SIGKILL after 5 s) and removes a temporary store. May be called again. */
  stop(): Promise<void>;
  /** SIGKILL. The store stays; `restart` brings it back. */
  kill(): Promise<void>;
  /** SIGSTOP: connections stay open and nothing answers. Not on Windows. */
  pause(): void;
  resume(): void;
  /** Ends it in order if it runs, and starts it again on the same port and store. */
  restart(): Promise<void>;
};

export type ServerPlan = {
  readonly name: string;
  readonly binary: ServerBinary;
  /** 0: any free port. */
  readonly port: number;
  /** Null: a temporary folder, removed at `stop`. */
  readonly storeDir: string | null;
  readonly log: Report;
  readonly url: (port: number) => string;
  /** Text of a configuration file, kept in the store folder; null for none. */
  readonly config: string | null;
  readonly arguments: (place: ServerPlace) => readonly string[];
  /** True when the server of this run answers at the port. */
  readonly serves: (port: number, pid: number) => Promise<boolean>;
};

export type ServerPlace = {
  readonly port: number;
  readonly storeDir: string;
  /** Null when the plan has no configuration text. */
  readonly configFile: string | null;
};

type Run = { readonly place: ServerPlace; readonly process: ServerProcess };
const CONFIG_FILE = "local-stack.conf";

export async function runServer(plan: ServerPlan): Promise<LocalServer> {
  const storeDir = plan.storeDir ?? (await mkdtemp(join(tmpdir(), `carillon-${plan.name}-`)));
  try {
    await mkdir(storeDir, { recursive: true });
    const configFile = plan.config === null ? null : join(storeDir, CONFIG_FILE);
    if (configFile !== null) await writeFile(configFile, plan.config ?? "");
    return serverOf(plan, await firstRun(plan, { storeDir, configFile }));
  } catch (cause) {
    if (plan.storeDir === null) await rm(storeDir, { recursive: true, force: true });
    throw cause;
  }
}

function serverOf(plan: ServerPlan, first: Run): LocalServer {
  const { place } = first;
  const removal = { recursive: true, force: true, maxRetries: 3 };
  const isTemporary = plan.storeDir === null;
  let current = first.process;
  let stopping: Promise<void> | null = null;
  const release = guardAgainstOrphan(() => {
    current.signal("SIGKILL");
    if (isTemporary) rmSync(place.storeDir, removal);
  });
  const stop = async () => {
    await current.end();
    release();
    if (isTemporary) await rm(place.storeDir, removal);
  };
  return {
    url: plan.url(place.port),
    port: place.port,
    storeDir: place.storeDir,
    get pid() {
      return current.ending() === null ? current.pid : null;
    },
    stop() {
      stopping ??= stop();
      return stopping;
    },
    kill: () => current.kill(),
    pause: () => void current.signal("SIGSTOP"),
    resume: () => void current.signal("SIGCONT"),
    async restart() {
      await current.end();
      if (stopping !== null)
        throw new LocalStackError("server_stopped", `This ${plan.name} was stopped for good`);
      current = startProcess(plan.binary, plan.arguments(place), plan.log);
      await untilServing(plan, { place, process: current });
    },
  };
}

async function firstRun(plan: ServerPlan, home: Omit<ServerPlace, "port">): Promise<Run> {
  for (let tries = 1; ; tries += 1) {
    const place = { ...home, port: plan.port === 0 ? await freePort() : plan.port };
    const run = { place, process: startProcess(plan.binary, plan.arguments(place), plan.log) };
    const release = guardAgainstOrphan(() => run.process.signal("SIGKILL"));
    try {
      await untilServing(plan, run);
      return run;
    } catch (cause) {
      if (plan.port !== 0 || tries === PORT_TRIES_MAX || !lostItsPort(run.process)) throw cause;
    } finally {
      release();
    }
  }
}

function lostItsPort(process: ServerProcess): boolean {
  return process.output().some((line) => /address already in use|only one usage of each socket/i.test(line));
}

async function untilServing(plan: ServerPlan, run: Run): Promise<void> {
  const { pid } = run.process;
  const deadline = performance.now() + START_MS_MAX;
  while (run.process.ending() === null && performance.now() < deadline) {
    if (pid !== null && (await plan.serves(run.place.port, pid))) return;
    await Promise.race([delay(READY_POLL_MS), run.process.ended]);
  }
  const how = run.process.ending() ?? `silent for ${START_MS_MAX / 1_000} s`;
  await run.process.kill();
  const command = [plan.binary.path, ...plan.arguments(run.place)].join(" ");
  const text = [`${plan.name} did not start (${how}): ${command}`, ...run.process.output()].join("\n  ");
  throw new LocalStackError("server_did_not_start", text);
}
