/**
 * Stands in for the command `docker` where no engine runs: a container is a process of this machine with a folder for its root, on
 * loopback. It knows the commands that container.ts gives, and no others. State is kept in FAKE_DOCKER; what was created is in
 * `<id>/create.json`.
 */

import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { findNatsServer, findRedisServer } from "@carillon/local";

const HOME = process.env["FAKE_DOCKER"] ?? "";
const LOOK_EVERY_MS = 5;

const rootOf = (id: string): string => join(HOME, id);
const pidOf = (id: string): number => Number(readFileSync(join(rootOf(id), "pid"), "utf8"));
/** One that has ended and that nobody has asked about yet has no command line. */
const runs = (id: string): boolean =>
  existsSync(join(rootOf(id), "pid")) &&
  existsSync(`/proc/${pidOf(id)}/cmdline`) &&
  readFileSync(`/proc/${pidOf(id)}/cmdline`, "utf8") !== "";

async function signal(id: string, name: NodeJS.Signals): Promise<void> {
  if (runs(id)) process.kill(pidOf(id), name);
  while (runs(id)) await delay(LOOK_EVERY_MS);
}

function create(args: string[]): string {
  const option = { type: "string" } as const;
  const { values, tokens } = parseArgs({
    args,
    options: { publish: option, label: option, entrypoint: option },
    allowPositionals: true,
    strict: false,
    tokens: true,
  });
  const first = tokens.find(({ kind }) => kind === "positional")?.index ?? args.length;
  const id = randomBytes(8).toString("hex");
  mkdirSync(rootOf(id), { recursive: true });
  const made = { ...values, image: args[first], args: args.slice(first + 1) };
  writeFileSync(join(rootOf(id), "create.json"), JSON.stringify(made));
  return id;
}

/** Paths lead into its root; the port inside is the one outside; every address is loopback. */
async function start(id: string): Promise<void> {
  const made = JSON.parse(readFileSync(join(rootOf(id), "create.json"), "utf8"));
  const [, outside, inside] = made.publish.split(":");
  const args = made.args.map((arg: string) => {
    if (arg === inside) return outside;
    if (arg === "0.0.0.0") return "127.0.0.1";
    return arg.startsWith("/") ? join(rootOf(id), arg) : arg;
  });
  const binary = await (made.entrypoint === "nats-server" ? findNatsServer() : findRedisServer());
  const log = openSync(join(rootOf(id), "log"), "a");
  const child = spawn(binary.path, args, {
    detached: true,
    stdio: ["ignore", log, log],
    cwd: rootOf(id),
    env: { LD_LIBRARY_PATH: binary.libraryFolders.join(":") },
  });
  writeFileSync(join(rootOf(id), "pid"), String(child.pid));
  child.unref();
}

async function answer(verb: string, args: string[]): Promise<string> {
  const id = args.at(-1) ?? "";
  switch (verb) {
    case "version":
      return "0.0.0-fake";
    case "create":
      return create(args);
    case "cp": {
      const [from = "", to = ""] = args;
      const [into = "", path = ""] = to.split(":");
      copyFileSync(from, join(rootOf(into), path));
      return "";
    }
    case "start":
      await start(id);
      return id;
    case "inspect":
      return String(runs(id));
    case "logs":
      return readFileSync(join(rootOf(id), "log"), "utf8");
    case "pause":
      process.kill(pidOf(id), "SIGSTOP");
      return id;
    case "unpause":
      process.kill(pidOf(id), "SIGCONT");
      return id;
    case "stop":
      await signal(id, "SIGTERM");
      return id;
    case "kill":
      await signal(id, "SIGKILL");
      return id;
    case "rm":
      await signal(id, "SIGKILL");
      rmSync(rootOf(id), { recursive: true });
      return id;
    default:
      throw new Error(`docker ${verb}: expected a command that is known here`);
  }
}

const [verb = "", ...rest] = process.argv.slice(2);
process.stdout.write(`${await answer(verb, rest)}\n`);
