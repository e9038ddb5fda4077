/**
 * A worker as its own process, seen as an operator sees it: log lines, exit code, HTTP. Tests wait for what it
 * says, never for time to pass, and end every worker that they started.
 */

import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import type { WorkerRole } from "@carillon/contracts";
import { type Board, createBoard } from "./board.ts";
import { until } from "./until.ts";

const MAIN = new URL("../../services/scheduler/src/main.ts", import.meta.url).pathname;

/** A worker that has not said what a test waits for within this counts as stuck. */
const PATIENCE_MS = 30_000;

export interface LogLine {
  readonly level: string;
  readonly msg: string;
  readonly [field: string]: unknown;
}

export interface Exit {
  /** Null where a signal ended it. */
  readonly code: number | null;
  readonly stderr: string;
  /** Milliseconds from the signal that `end` sent; 0 where it ended by itself. */
  readonly tookMs: number;
}

export interface WorkerProcess {
  readonly pid: number;
  readonly log: Board<LogLine>;
  readonly exited: Promise<Exit>;
  /** Resolves once it is ready: what is wanted of it is its own, or nothing is wanted of it. */
  settled(): Promise<void>;
  /** What it says of itself now; null: it cannot be asked. */
  standing(): Promise<Standing | null>;
  /** What it calls itself, once it has started. */
  name(): Promise<string>;
  /** Where it serves health and metrics, such as `http://127.0.0.1:1234`. */
  address(): Promise<string>;
  /** Status and body of a page such as `/ready`. */
  page(path: string): Promise<{ status: number; body: string }>;
  /** Sends a signal and waits for the end; may be called again. */
  end(signal?: NodeJS.Signals): Promise<Exit>;
}

export interface Standing {
  readonly ready: boolean;
  readonly role: WorkerRole;
  /** Partitions that it owns (count). */
  readonly owned: number;
}

export type Settings = Readonly<Record<string, string>>;

/** What Node runs, and in which folder. */
export interface Program {
  readonly program: readonly string[];
  readonly folder: string;
}

const OURS: Program = { program: [MAIN], folder: process.cwd() };

/** Starts a worker with these settings and nothing of the test's own environment but the search path. */
export function startWorker(settings: Settings, { program, folder }: Program = OURS): WorkerProcess {
  const child = spawn(process.execPath, program, {
    cwd: folder,
    env: { PATH: process.env["PATH"] ?? "", API_PORT: "0", ...settings },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const { pid } = child;
  if (pid === undefined) throw new Error(`no worker could be started from ${program.join(" ")}`);
  const log = createBoard<LogLine>(`the log of worker ${pid}`, ({ level, msg }) => `${level} ${msg}`);
  readLines(child.stdout, log);
  const stderr = text(child.stderr);
  let signalledAt: number | null = null;
  const exited = new Promise<Exit>((resolve) => {
    child.once("close", async (code) => {
      process.off("exit", abandon);
      const tookMs = signalledAt === null ? 0 : performance.now() - signalledAt;
      resolve({ code, stderr: await stderr, tookMs });
    });
  });
  const abandon = (): void => void child.kill("SIGKILL");
  process.once("exit", abandon);

  const gone = exited.then(({ code, stderr: words }): never => {
    throw new Error(`worker ${pid} ended with ${code}:\n${words}`);
  });
  // Only who waits for a line cares.
  gone.catch(() => {});
  const said = (msg: string): Promise<LogLine> => {
    const line = log.nth(1, (one) => one.msg === msg, PATIENCE_MS, `"${msg}"`);
    return Promise.race([line, gone]);
  };
  const address = async (): Promise<string> =>
    String((await said("health and metrics are served"))["address"]);
  const page: WorkerProcess["page"] = async (path) => {
    const response = await fetch(`${await address()}${path}`);
    return { status: response.status, body: await response.text() };
  };
  const standing = async (): Promise<Standing | null> => {
    const { status, body } = await page("/health/detailed").catch(() => ({ status: 0, body: "{}" }));
    const { details }: { details?: { role?: WorkerRole; partitionsOwned?: number } } = JSON.parse(body);
    const { role = "starting", partitionsOwned: owned = 0 } = details ?? {};
    return status === 0 ? null : { ready: status === 200, role, owned };
  };
  return {
    pid,
    log,
    exited,
    settled: async () => {
      await said("worker started");
      const ready = async (): Promise<boolean> => (await standing())?.ready === true;
      const settled = until(ready, PATIENCE_MS);
      if (!(await Promise.race([settled, gone]))) throw new Error(`worker ${pid} did not get ready`);
    },
    standing,
    name: async () => String((await said("worker started"))["worker"]),
    address,
    page,
    end: (signal = "SIGTERM") => {
      signalledAt ??= performance.now();
      child.kill(signal);
      return exited;
    },
  };
}

function readLines(stream: Readable, log: Board<LogLine>): void {
  createInterface({ input: stream }).on("line", (line) => log.add(JSON.parse(line)));
}
