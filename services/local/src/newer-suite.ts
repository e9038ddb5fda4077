/**
 * Which distribution this machine runs, and the source line of a suite that is ahead of it: `forky` for
 * Debian, the one in development for Ubuntu. The mirror is the machine's own, since that is what its network
 * lets through; the public one is the second try.
 */

import { readFile } from "node:fs/promises";
import { exists } from "./path.ts";

export type Release = {
  /** Code name of the installed release; empty where os-release tells none. */
  readonly codename: string;
  readonly newerSuite: string;
  readonly component: string;
  readonly defaultMirror: string;
  /** Keys that must have signed the suite. Where the file is missing, apt's own trusted keys decide. */
  readonly keyring: string;
};

const DEBIAN = {
  newerSuite: "forky",
  component: "main",
  defaultMirror: "http://deb.debian.org/debian",
  keyring: "/usr/share/keyrings/debian-archive-keyring.gpg",
};

const UBUNTU = {
  newerSuite: "devel",
  component: "universe",
  defaultMirror: "http://archive.ubuntu.com/ubuntu",
  keyring: "/usr/share/keyrings/ubuntu-archive-keyring.gpg",
};

/** The release of this machine; null when it is neither Debian nor Ubuntu nor one that calls itself like them. */
export async function readRelease(): Promise<Release | null> {
  if (process.platform !== "linux") return null;
  try {
    return releaseFrom(await readFile("/etc/os-release", "utf8"));
  } catch {
    return null;
  }
}

export function releaseFrom(osRelease: string): Release | null {
  const value = (key: string) => new RegExp(`^${key}="?([^"\n]*)"?$`, "m").exec(osRelease)?.[1] ?? "";
  const names = `${value("ID")} ${value("ID_LIKE")}`.split(" ");
  const family = names.includes("ubuntu") ? UBUNTU : names.includes("debian") ? DEBIAN : null;
  const codename = value("UBUNTU_CODENAME") || value("VERSION_CODENAME");
  return family === null ? null : { codename, ...family };
}

/** Source lines to try, in order. `addresses` is what apt would fetch for the machine's own sources. */
export async function newerSuiteSources(release: Release, addresses: string): Promise<string[]> {
  const mirror = mirrorIn(addresses, release.codename);
  const mirrors = new Set([mirror ?? release.defaultMirror, release.defaultMirror]);
  const options = (await exists(release.keyring)) ? `[signed-by=${release.keyring}] ` : "";
  return [...mirrors].map((each) => `deb ${options}${each} ${release.newerSuite} ${release.component}`);
}

/** Mirror that serves the installed release; null when no source names it. */
export function mirrorIn(addresses: string, codename: string): string | null {
  const lines = addresses.matchAll(/^'([^']+?)\/*\/dists\/([^/']+)\/InRelease'/gm);
  for (const [, mirror, suite] of lines) if (suite === codename && mirror !== undefined) return mirror;
  return null;
}
