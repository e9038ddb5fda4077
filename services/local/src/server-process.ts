/**
 * One run of a server's binary: started, listened to, ended. It knows processes and nothing of NATS or Redis;
 * local-server.ts makes a server that can be restarted out of several runs.
 *
 * The process gets a session of its own, so that Ctrl-C at the terminal reaches us and not the server: whoever
 * uses it may want to finish in order first.
 */

import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { childEnvironment } from "./environment.ts";
import type { Report, ServerBinary } from "./finding.ts";
import { boundToParent } from "./orphan-guard.ts";

/** A server that has not ended so long after SIGTERM is killed. */
const STOP_MS_MAX = 5_000;
/** Lines of output kept for the message when it dies at start; older ones are dropped. */
const OUTPUT_LINES_MAX = 15;

export type ServerProcess = {
  /** Null when the process could not be started at all. */
  readonly pid: number | null;
  /** How it ended, in words; null while it runs. */
  ending(): string | null;
  /** Last lines of output, oldest first. */
  output(): readonly string[];
  /** False when it had ended already. */
  signal(name: NodeJS.Signals): boolean;
  /** SIGTERM, then SIGKILL; resolves when it has ended. */
  end(): Promise<void>;
  /** SIGKILL; resolves when it has ended. */
  kill(): Promise<void>;
  readonly ended: Promise<void>;
};

export function startProcess(
  binary: ServerBinary,
  commandArguments: readonly string[],
  log: Report,
): ServerProcess {
  const [command, bound] = boundToParent(binary.path, commandArguments);
  const child = spawn(command, bound, {
    env: childEnvironment(binary.libraryFolders),
    stdio: ["ignore", "pipe", "pipe"],
    detached: process.platform !== "win32",
    windowsHide: true,
  });
  const lines = keepLines([child.stdout, child.stderr], log);
  let ending: string | null = null;
  const ended = new Promise<void>((resolve) => {
    const close = (text: string) => {
      ending ??= text;
      resolve();
    };
    child.once("error", (error) => close(error.message));
    child.once("close", (code, signal) => close(signal === null ? `exit ${code}` : signal));
  });
  const signal = (name: NodeJS.Signals) => ending === null && child.kill(name);
  const kill = () => {
    signal("SIGKILL");
    return ended;
  };
  const end = async () => {
    if (process.platform !== "win32") signal("SIGCONT");
    signal("SIGTERM");
    const timer = setTimeout(kill, STOP_MS_MAX);
    await ended;
    clearTimeout(timer);
  };
  return { pid: child.pid ?? null, ending: () => ending, output: () => lines, signal, end, kill, ended };
}

function keepLines(streams: readonly Readable[], log: Report): readonly string[] {
  const kept: string[] = [];
  for (const input of streams) {
    createInterface({ input }).on("line", (line) => {
      kept.push(line);
      if (kept.length > OUTPUT_LINES_MAX) kept.shift();
      log(line);
    });
  }
  return kept;
}
