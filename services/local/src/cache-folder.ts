/**
 * The cache of unpacked servers: one folder per server and version, `nats-server-2.15.1/usr/sbin/…`, laid
 * out as the package lays it out.
 *
 * An entry appears by one rename of a folder that is complete and has been tried, so whoever sees an entry
 * may run it. The version is in the name so that a warm start need not ask the binary.
 */

import { mkdir, readdir, rename } from "node:fs/promises";
import { join } from "node:path";
import { type Finding, found, missing, type ServerBinary } from "./finding.ts";
import { exists } from "./path.ts";
import type { ServerKind } from "./server-kind.ts";
import { compareVersions, isAtLeast } from "./version.ts";

const BINARY_FOLDERS = ["usr/sbin", "usr/bin"];
const LIBRARY_ROOTS = ["usr/lib", "lib"];

export async function lookInCache(kind: ServerKind, cache: string): Promise<Finding> {
  for (const version of versionsAmong(await namesIn(cache), kind)) {
    const binary = await binaryUnder(join(cache, `${kind.name}-${version}`), kind, version);
    if (binary !== null) return found(binary);
  }
  return missing(`nothing new enough in ${cache}`);
}

/** Versions of `kind` among the names of cache entries that are new enough, newest first. */
export function versionsAmong(names: readonly string[], kind: ServerKind): string[] {
  const entry = new RegExp(`^${kind.name}-(\\d+\\.\\d+\\.\\d+)$`);
  return names
    .flatMap((name) => entry.exec(name)?.[1] ?? [])
    .filter((version) => isAtLeast(version, kind.minimum))
    .sort((a, b) => compareVersions(b, a));
}

/** Moves a complete unpacked folder into the cache. Another process may have been first: its entry stays. */
export async function publishToCache(unpacked: string, kind: ServerKind, version: string, cache: string) {
  await mkdir(cache, { recursive: true });
  try {
    await rename(unpacked, join(cache, `${kind.name}-${version}`));
  } catch (cause) {
    if (!isCode(cause, "ENOTEMPTY") && !isCode(cause, "EEXIST")) throw cause;
  }
}

/** The server in an unpacked package, with its libraries; null when the package holds no such binary. */
export async function binaryUnder(
  root: string,
  kind: ServerKind,
  version: string,
): Promise<ServerBinary | null> {
  for (const folder of BINARY_FOLDERS) {
    const path = join(root, folder, kind.name);
    if (await exists(path)) return { path, version, libraryFolders: await libraryFoldersUnder(root) };
  }
  return null;
}

/** Libraries lie one folder down, under the name of the architecture (`usr/lib/x86_64-linux-gnu`). */
async function libraryFoldersUnder(root: string): Promise<string[]> {
  const folders: string[] = [];
  for (const libraryRoot of LIBRARY_ROOTS) {
    const names = await namesIn(join(root, libraryRoot));
    folders.push(
      ...names.filter((name) => name.includes("-linux-")).map((name) => join(root, libraryRoot, name)),
    );
  }
  return folders;
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (cause) {
    if (isCode(cause, "ENOENT")) return [];
    throw cause;
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
