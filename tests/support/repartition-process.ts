/** The command that changes the number of partitions, as its own process; a test may end it at any line that it says. */

import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import type { Settings } from "./worker-process.ts";

const MAIN = new URL("../../services/scheduler/src/repartition.ts", import.meta.url).pathname;

export interface Ended {
  /** Null where it was killed. */
  readonly code: number | null;
  readonly lines: readonly string[];
  readonly stderr: string;
}

/** `killAt`: SIGKILL so many milliseconds after a line that contains these words. */
export function runRepartition(
  args: readonly string[],
  { settings, killAt }: { settings: Settings; killAt?: { words: string; afterMs: number } },
): Promise<Ended> {
  const child = spawn(process.execPath, [MAIN, ...args], {
    env: { PATH: process.env["PATH"] ?? "", ...settings },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const abandon = (): void => void child.kill("SIGKILL");
  process.once("exit", abandon);
  const lines: string[] = [];
  createInterface({ input: child.stdout }).on("line", (line) => {
    lines.push(line);
    if (killAt !== undefined && line.includes(killAt.words)) setTimeout(abandon, killAt.afterMs);
  });
  const stderr = text(child.stderr);
  return new Promise((resolve) => {
    child.once("close", async (code) => {
      process.off("exit", abandon);
      resolve({ code, lines, stderr: await stderr });
    });
  });
}
