/**
 * A nats-server as somebody else may run it: an older one, or one without JetStream. It listens on loopback, on any free
 * port, and keeps what it stores in a folder of its own.
 */

import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

export interface BareServer {
  readonly url: string;
  stop(): Promise<void>;
}

const LISTENING = /Listening for client connections on (127\.0\.0\.1:\d+)/;

/** `binary`: its path. */
export async function runBare(binary: string, { jetStream }: { jetStream: boolean }): Promise<BareServer> {
  const folder = await mkdtemp(join(tmpdir(), "carillon-bare-"));
  const store = jetStream ? ["-js", "-sd", folder] : [];
  const child = spawn(binary, ["-a", "127.0.0.1", "-p", "-1", ...store], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  const abandon = (): void => void child.kill("SIGKILL");
  process.once("exit", abandon);
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const address = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stderr }).on("line", (line) => {
      const found = LISTENING.exec(line)?.[1];
      if (found !== undefined) resolve(found);
    });
    child.once("error", reject);
    child.once("close", () => reject(new Error(`${binary} ended before it listened`)));
  });
  return {
    url: `nats://${address}`,
    stop: async () => {
      process.off("exit", abandon);
      child.kill("SIGKILL");
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
