/**
 * The demo as a stranger runs it, without a terminal: it plays all its acts, its auditor's table balances, and
 * however it ends, nothing is left running.
 */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createConnection } from "node:net";
import { join } from "node:path";
import { findNatsServer, findRedisServer } from "@carillon/local";
import { afterEach, beforeAll, describe, expect, it } from "vitest";

const PROGRAM = join(import.meta.dirname, "../../services/demo/src/main.ts");
/** On a fresh machine the server's binary is fetched first. */
const FETCH_MS_MAX = 300_000;
const DEMO_MS_MAX = 90_000;

interface Run {
  readonly child: ChildProcess;
  output(): string;
  /** Resolves once the output matches. */
  says(what: RegExp): Promise<void>;
  readonly exitCode: Promise<number | null>;
}

const running: ChildProcess[] = [];

beforeAll(async () => void (await Promise.all([findNatsServer(), findRedisServer()])), FETCH_MS_MAX);
// SIGKILL takes its processes along, see the orphan guard of the local stack.
afterEach(() => running.splice(0).forEach((child) => void child.kill("SIGKILL")));

function runDemo(...options: string[]): Run {
  const { CARILLON_NATS_URL: _, CARILLON_REDIS_URL: __, ...environment } = process.env;
  const child = spawn(process.execPath, [PROGRAM, ...options], {
    env: environment,
    stdio: ["ignore", "pipe", "pipe"],
  });
  running.push(child);
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  const says = async (what: RegExp): Promise<void> => {
    while (!what.test(output)) await once(child.stdout, "data");
  };
  const exitCode = once(child, "close").then(() => child.exitCode);
  return { child, output: () => output, says, exitCode };
}

/** Whether somebody listens on the port that the demo said its server has. */
async function serves(output: string, server: "nats" | "redis" = "nats"): Promise<boolean> {
  const port = Number(new RegExp(`${server}://127\\.0\\.0\\.1:(\\d+) is up`).exec(output)?.[1]);
  const socket = createConnection({ host: "127.0.0.1", port });
  const answered = await Promise.race([
    once(socket, "connect").then(() => true),
    once(socket, "error").then(() => false),
  ]).catch(() => false);
  socket.destroy();
  return answered;
}

describe("the demo", () => {
  it("plays its acts in plain lines and balances", { timeout: DEMO_MS_MAX }, async () => {
    const demo = runDemo();
    expect(await demo.exitCode, demo.output()).toBe(0);
    const output = demo.output();
    for (const act of [1, 2, 3, 4, 5, 6]) expect(output).toContain(`== ${act}/6 `);
    expect(output).not.toContain("\x1b");
    expect(output).toMatch(/hello fired .* → cmd\.notification\.send\.welcome/);
    expect(output).toMatch(/reminder fired [\d.]+ s late/);
    expect(output).toMatch(/digest missed \d+ .*catch_up_limit/);
    expect(output).toContain('add to tenants.default.targets: { "subject": "cmd.billing.charge" }');
    expect(output).toMatch(/a gap of \d+ ms/);
    expect(output).toMatch(/03:00 EDT is 2027-03-14T07:00:00/);
    expect(output).toMatch(/It balances: .*lost 0 · doubled 0/);
    expect(output).toMatch(/p50 [\d.]+ m?s, p99 [\d.]+ m?s/);
    expect(await serves(output)).toBe(false);
  });

  it("ends all that it started when it is interrupted", { timeout: DEMO_MS_MAX }, async () => {
    const demo = runDemo("--redis");
    await demo.says(/hello fired/);
    expect(await serves(demo.output())).toBe(true);
    expect(await serves(demo.output(), "redis")).toBe(true);
    demo.child.kill("SIGINT");
    expect(await demo.exitCode).toBe(130);
    expect(demo.output()).toContain("Interrupted");
    expect(await serves(demo.output())).toBe(false);
    expect(await serves(demo.output(), "redis")).toBe(false);
  });
});
