/**
 * One of the demo's own processes: a Node program whose lines are listened to. It gets a session of its own, so
 * that Ctrl-C at the terminal reaches the demo alone, which then ends everything in order; and it cannot outlive
 * the demo (see the orphan guard of the local stack).
 */

import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { boundToParent, guardAgainstOrphan } from "@carillon/local";

/** Longer than a worker takes to drain at most; what still runs then is killed. */
const END_MS_MAX = 10_000;

export interface ChildProcess {
  readonly pid: number | null;
  /** How it ended, as in `exit 0` or `SIGKILL`; null while it runs. */
  ending(): string | null;
  readonly ended: Promise<void>;
  /** A line for its standard input; dropped when it has ended. */
  write(line: string): void;
  /** SIGKILL; resolves when it has ended. */
  kill(): Promise<void>;
  /** SIGTERM, SIGKILL after END_MS_MAX; resolves when it has ended. */
  end(): Promise<void>;
}

export interface ChildPlan {
  /** Path of the program and its arguments. */
  readonly command: readonly [string, ...string[]];
  readonly environment: NodeJS.ProcessEnv;
  /** Called with each line of standard output. */
  readonly onLine: (line: string) => void;
  /** Called with each line of standard error. */
  readonly onErrorLine: (line: string) => void;
}

export function startChild({ command, environment, onLine, onErrorLine }: ChildPlan): ChildProcess {
  const [path, bound] = boundToParent(process.execPath, command);
  const child = spawn(path, bound, {
    env: environment,
    stdio: ["pipe", "pipe", "pipe"],
    detached: process.platform !== "win32",
    windowsHide: true,
  });
  const release = guardAgainstOrphan(() => void child.kill("SIGKILL"));
  createInterface({ input: child.stdout }).on("line", onLine);
  createInterface({ input: child.stderr }).on("line", onErrorLine);
  // Its end closes the pipe under us; that it ended is told by `ending`.
  child.stdin.on("error", () => {});

  let ending: string | null = null;
  const ended = new Promise<void>((resolve) => {
    const close = (text: string): void => {
      ending ??= text;
      release();
      resolve();
    };
    child.once("error", (error) => close(error.message));
    child.once("close", (code, signal) => close(signal ?? `exit ${code}`));
  });
  const kill = (): Promise<void> => {
    child.kill("SIGKILL");
    return ended;
  };
  const end = async (): Promise<void> => {
    child.kill("SIGTERM");
    const timer = setTimeout(kill, END_MS_MAX);
    await ended;
    clearTimeout(timer);
  };
  return {
    pid: child.pid ?? null,
    ending: () => ending,
    ended,
    write: (line) => void (ending === null && child.stdin.write(`${line}\n`)),
    kill,
    end,
  };
}
