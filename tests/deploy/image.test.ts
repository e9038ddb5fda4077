/*
 * The image without Docker: the Dockerfile's own steps in a folder give a worker that runs on what they copied and installed, and on
 * nothing of this repository.
 */

import { spawnSync } from "node:child_process";
import { existsSync, globSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { every } from "../support/definition.ts";
import { openStack, type Stack } from "../support/stack.ts";
import { witnessOf } from "../support/witness.ts";
import { startWorker, type WorkerProcess } from "../support/worker-process.ts";
import { carryOut, type Image } from "./dockerfile.ts";
import { DEPLOY, ROOT } from "./files.ts";

let folder: string;
let image: Image;
let stack: Stack;
let worker: WorkerProcess;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "carillon-image-"));
  image = await carryOut(join(DEPLOY, "Dockerfile"), ROOT, folder);
  stack = await openStack();
  const [, ...program] = image.command;
  worker = startWorker(
    // Whoever tests listens on loopback only.
    {
      ...image.env,
      API_HOST: "127.0.0.1",
      NATS_URL: stack.server.url,
      SCHEDULER_TENANTS_FILE: stack.tenantsFile,
    },
    { program, folder: image.folder },
  );
  await worker.settled();
});

afterAll(async () => {
  await worker?.end("SIGKILL");
  await stack?.close();
  if (folder !== undefined) await rm(folder, { recursive: true, force: true });
});

describe("the image", () => {
  it("runs Node itself, so that signals reach the worker", () => {
    expect(image.command[0]).toBe("node");
  });

  it("holds what a worker needs, and neither tests nor what developers need", () => {
    expect(globSync("{contracts,services}/**/*.test.ts", { cwd: image.folder })).toEqual([]);
    for (const name of ["typescript", "vitest", "yaml"]) {
      expect(existsSync(join(image.folder, "node_modules", name))).toBe(false);
    }
  });

  it("fires", async () => {
    const witness = await witnessOf(stack.nc);
    await stack.client().create("hello", every(0.2));
    await witness.sent("hello", 2);
  });

  it("is healthy by its own check, and no longer once it has ended", async () => {
    const [, ...check] = image.health;
    const port = new URL(await worker.address()).port;
    const ask = (): number | null =>
      spawnSync(process.execPath, check, { cwd: image.folder, env: { API_PORT: port } }).status;
    expect(ask()).toBe(0);
    expect((await worker.end()).code).toBe(0);
    expect(ask()).toBe(1);
  });
});
