/**
 * A wall clock of its own for one process, which can be set while it runs; the monotonic clock stays true, as on a machine
 * whose time is set. libfaketime does it: installed on this machine, or fetched by apt into the project's cache folder,
 * where nothing is installed and apt has verified the package.
 */

import { mkdir, mkdtemp, readdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { downloadPackages, openApt, updateLists } from "../../services/local/src/apt.ts";
import { withLock } from "../../services/local/src/cache-lock.ts";
import { runCommand, tellingLine } from "../../services/local/src/command.ts";
import { cacheFolder } from "../../services/local/src/environment.ts";
import type { Settings } from "./worker-process.ts";

export interface WallClock {
  /** Environment of the process that lives by it. */
  readonly settings: Settings;
  /** Milliseconds of the epoch, by this clock. */
  now(): number;
  /** Sets it forward, or back where it is negative. The process notices within a second. */
  step(byMs: number): Promise<void>;
}

const PACKAGE = "libfaketime";
/** The variant for processes with threads. */
const LIBRARY = "libfaketimeMT.so.1";
const FILE = "wall-clock";

/** `folder`: where the file lies that says what time it is; one clock a folder. */
export async function openWallClock(folder: string, offsetMs = 0): Promise<WallClock> {
  const path = join(folder, FILE);
  let offset = offsetMs;
  // Renamed into its place, so that nobody reads half of it.
  const store = async (): Promise<void> => {
    await writeFile(`${path}.new`, `${offset < 0 ? "" : "+"}${offset / 1_000}\n`);
    await rename(`${path}.new`, path);
  };
  await store();
  return {
    settings: {
      LD_PRELOAD: await findLibrary(),
      FAKETIME_TIMESTAMP_FILE: path,
      FAKETIME_CACHE_DURATION: "1",
      FAKETIME_DONT_FAKE_MONOTONIC: "1",
      NO_FAKE_STAT: "1",
    },
    now: () => Date.now() + offset,
    step: (byMs) => {
      offset += byMs;
      return store();
    },
  };
}

async function findLibrary(): Promise<string> {
  const cache = cacheFolder();
  const entry = join(cache, PACKAGE);
  const found = (await libraryUnder("/usr/lib")) ?? (await libraryUnder(join(entry, "usr/lib")));
  if (found !== null) return found;
  await mkdir(cache, { recursive: true });
  return withLock(join(cache, `${PACKAGE}.lock`), async () => {
    const meanwhile = await libraryUnder(join(entry, "usr/lib"));
    if (meanwhile !== null) return meanwhile;
    await fetchInto(entry, cache);
    const fetched = await libraryUnder(join(entry, "usr/lib"));
    if (fetched === null) throw new Error(`${PACKAGE} holds no ${LIBRARY}`);
    return fetched;
  });
}

/** It lies two folders down, below the name of the architecture. */
async function libraryUnder(root: string): Promise<string | null> {
  for (const architecture of await namesIn(root)) {
    const folder = join(root, architecture, "faketime");
    if ((await namesIn(folder)).includes(LIBRARY)) return join(folder, LIBRARY);
  }
  return null;
}

/** With the machine's lists of packages as they are, or else with fresh ones. */
async function fetchInto(entry: string, cache: string): Promise<void> {
  const staging = await mkdtemp(join(cache, `${PACKAGE}.staging-`));
  try {
    let apt = await openApt(join(staging, "machine"), { kind: "machine" });
    let download = await downloadPackages(apt, [PACKAGE]);
    if (!download.ok) {
      apt = await openApt(join(staging, "fresh"), { kind: "fresh" });
      await updateLists(apt);
      download = await downloadPackages(apt, [PACKAGE]);
    }
    if (!download.ok) throw new Error(`${PACKAGE} could not be fetched: ${tellingLine(download)}`);
    const root = join(staging, "root");
    for (const name of await namesIn(download.folder)) {
      const unpacked = await runCommand("dpkg", ["-x", join(download.folder, name), root]);
      if (!unpacked.ok) throw new Error(`${name} could not be unpacked: ${tellingLine(unpacked)}`);
    }
    await rename(root, entry);
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

const namesIn = (folder: string): Promise<string[]> => readdir(folder).catch(() => []);
