/**
 * Lets one process at a time fetch a server, so that parallel test workers do not download it twice.
 *
 * The lock is a symbolic link whose target is the owner's process id: made in one step, content included.
 * A lock whose owner is dead is taken over. Two takers at once would both fetch, which wastes a download
 * and harms nothing, because an entry appears in the cache by one rename (cache-folder.ts).
 */

import { readlink, rm, symlink } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";

const LOCK_POLL_MS = 100;
/** Ten minutes; past that the owner hangs, and the waiter goes on as if the lock were free. */
const LOCK_POLLS_MAX = 6_000;

export async function withLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  await takeLock(path);
  try {
    return await work();
  } finally {
    await rm(path, { force: true });
  }
}

async function takeLock(path: string): Promise<void> {
  for (let polls = 0; polls < LOCK_POLLS_MAX; polls += 1) {
    if (await tryLock(path)) return;
    if (await isAbandoned(path)) await rm(path, { force: true });
    else await delay(LOCK_POLL_MS);
  }
}

async function tryLock(path: string): Promise<boolean> {
  try {
    await symlink(String(process.pid), path);
    return true;
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "EEXIST") return false;
    throw cause;
  }
}

async function isAbandoned(path: string): Promise<boolean> {
  try {
    const owner = Number(await readlink(path));
    return !isAlive(owner);
  } catch {
    return false;
  }
}

function isAlive(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return true;
  } catch (cause) {
    return cause instanceof Error && "code" in cause && cause.code === "EPERM";
  }
}
