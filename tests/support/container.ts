/**
 * A server in a container, behind the interface of a local process, so that a test need not know which it has. It speaks to Docker by
 * its command line: that one knows contexts, remote engines and logins, and costs no dependency. The container is made, given its
 * configuration and started in three steps, because a folder of this machine may not be one of the engine's.
 */

import { execFile, spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { freePort, guardAgainstOrphan, LOOPBACK, type NatsServer } from "@carillon/local";

export interface ContainerPlan {
  readonly image: string;
  /** Of the image, whatever its entry point does otherwise. */
  readonly program: string;
  readonly args: readonly string[];
  /** Inside. */
  readonly port: number;
  /** Text of its configuration, put at CONFIG_PATH. */
  readonly config: string;
  /** Whether the server of this plan answers at a port of loopback. */
  readonly serves: (port: number) => Promise<boolean>;
}

/** Inside. */
export const CONFIG_PATH = "/carillon-test.conf";

/** What a test that was killed leaves behind: `docker rm -f $(docker ps -aq --filter label=carillon-test)`. */
const LABEL = "carillon-test";

/** An engine that does not say within this that it is there, is not. */
const ANSWER_MS_MAX = 5_000;
/** The image may have to come first. */
const CREATE_MS_MAX = 300_000;
const START_MS_MAX = 60_000;
const LOOK_EVERY_MS = 20;

const run = promisify(execFile);
const docker = async (...args: string[]): Promise<string> =>
  (await run("docker", args, { timeout: CREATE_MS_MAX })).stdout.trim();

/** Version of the Docker engine that answers; null: none does. */
export async function dockerEngine(): Promise<string | null> {
  try {
    const asked = ["version", "--format", "{{.Server.Version}}"];
    return (await run("docker", asked, { timeout: ANSWER_MS_MAX })).stdout.trim() || null;
  } catch {
    return null;
  }
}

/** `scheme`: of the address that it gets. */
export async function startContainer(scheme: string, plan: ContainerPlan): Promise<NatsServer> {
  const port = await freePort();
  const published = ["--publish", `${LOOPBACK}:${port}:${plan.port}`];
  const program = ["--label", LABEL, "--entrypoint", plan.program, plan.image, ...plan.args];
  const id = await docker("create", ...published, ...program);
  const release = guardAgainstOrphan(() => void spawnSync("docker", ["rm", "--force", "--volumes", id]));
  const start = async (): Promise<void> => {
    await docker("start", id);
    await untilServing(plan, id, port);
  };
  let stopping: Promise<void> | null = null;
  const remove = async (): Promise<void> => {
    await docker("rm", "--force", "--volumes", id);
    release();
  };
  try {
    await configure(id, plan.config);
    await start();
  } catch (cause) {
    await remove();
    throw cause;
  }
  return {
    url: `${scheme}://${LOOPBACK}:${port}`,
    port,
    pid: null,
    storeDir: "",
    stop() {
      stopping ??= remove();
      return stopping;
    },
    kill: async () => void (await docker("kill", id)),
    pause: () => void spawnSync("docker", ["pause", id]),
    resume: () => void spawnSync("docker", ["unpause", id]),
    restart: async () => {
      await docker("stop", id);
      await start();
    },
  };
}

async function configure(id: string, text: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "carillon-container-"));
  const file = join(folder, "server.conf");
  await writeFile(file, text);
  await docker("cp", file, `${id}:${CONFIG_PATH}`);
  await rm(folder, { recursive: true, force: true });
}

async function untilServing({ image, serves }: ContainerPlan, id: string, port: number): Promise<void> {
  const endMs = performance.now() + START_MS_MAX;
  do {
    if (await serves(port)) return;
    await delay(LOOK_EVERY_MS);
  } while (performance.now() < endMs && (await isRunning(id)));
  const { stdout, stderr } = await run("docker", ["logs", "--tail", "20", id]);
  throw new Error(`${image} did not start:\n${stdout}${stderr}`);
}

const isRunning = async (id: string): Promise<boolean> =>
  (await docker("inspect", "--format", "{{.State.Running}}", id)) === "true";
