/**
 * The one reader of the environment in this package.
 *
 *   CARILLON_NATS_URL    use this NATS server, start none
 *   CARILLON_REDIS_URL   use this Redis server, start none
 *   CARILLON_CACHE_DIR   where fetched binaries are kept; default: `.cache` at the root of the project
 */

import { delimiter, isAbsolute, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { ServerKind } from "./server-kind.ts";

const PROJECT_ROOT = fileURLToPath(new URL("../../..", import.meta.url));

/** Where packages put servers, but where the PATH of a person who is not root often does not reach. */
const FOLDERS_BESIDE_PATH = process.platform === "win32" ? [] : ["/usr/local/sbin", "/usr/sbin"];

/** Address of a server that runs already; null when the environment names none. */
export function addressInEnvironment(kind: ServerKind): string | null {
  return kind.addressVariable === null ? null : process.env[kind.addressVariable]?.trim() || null;
}

/** Folder for fetched binaries, split by platform because a checkout may be shared with a container. */
export function cacheFolder(): string {
  const chosen = process.env["CARILLON_CACHE_DIR"]?.trim();
  const root = chosen ? resolve(chosen) : join(PROJECT_ROOT, ".cache");
  return join(root, `${process.platform}-${process.arch}`);
}

/** Folders to look for binaries in, in order. Relative entries of PATH are left out: they are not ours to trust. */
export function searchPath(): string[] {
  const folders = (process.env["PATH"] ?? "").split(delimiter).filter(isAbsolute);
  return [...new Set([...folders, ...FOLDERS_BESIDE_PATH])];
}

/** Environment of a child: ours, in plain C locale because output is parsed, and with the libraries it needs. */
export function childEnvironment(libraryFolders: readonly string[]): NodeJS.ProcessEnv {
  const environment: NodeJS.ProcessEnv = { ...process.env, LC_ALL: "C" };
  if (libraryFolders.length > 0) environment["LD_LIBRARY_PATH"] = libraryFolders.join(delimiter);
  return environment;
}
