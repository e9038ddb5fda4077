/**
 * Fetches a server's package on Debian and Ubuntu and unpacks it into the cache: no root, nothing installed,
 * and every byte verified by apt against the archive's signature. Sources, in order: the lists that the
 * machine has, the machine's sources with fresh lists (a bare image has none), the newer suite.
 */

import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import {
  type Apt,
  type AptSource,
  additionsFor,
  candidateOf,
  downloadPackages,
  listAddresses,
  openApt,
  updateLists,
} from "./apt.ts";
import { binaryUnder, lookInCache, publishToCache } from "./cache-folder.ts";
import { withLock } from "./cache-lock.ts";
import { runCommand, tellingLine } from "./command.ts";
import { type Finding, missing, type Report } from "./finding.ts";
import { newerSuiteSources, type Release, readRelease } from "./newer-suite.ts";
import { versionOf } from "./search-path.ts";
import type { ServerKind } from "./server-kind.ts";
import { isAtLeast } from "./version.ts";

type Attempt = { readonly name: string; readonly source: AptSource };
type Deps = { readonly kind: ServerKind; readonly cache: string; readonly report: Report };

export async function lookInDistribution(kind: ServerKind, cache: string, report: Report): Promise<Finding> {
  const release = await readRelease();
  if (release === null) return missing("not Debian or Ubuntu");
  await mkdir(cache, { recursive: true });
  return withLock(join(cache, `${kind.name}.lock`), async () => {
    const meanwhile = await lookInCache(kind, cache);
    return "found" in meanwhile ? meanwhile : fetchServer({ kind, cache, report }, release);
  });
}

async function fetchServer(deps: Deps, release: Release): Promise<Finding> {
  await sweep(deps);
  const staging = await mkdtemp(join(deps.cache, stagingPrefix(deps.kind)));
  try {
    const own = await tryInOrder(deps, staging, [
      { name: "its package", source: { kind: "machine" } },
      { name: "its package, lists updated", source: { kind: "fresh" } },
    ]);
    if ("found" in own) return own;
    const newer = await tryInOrder(deps, staging, await newerAttempts(release, staging));
    return "found" in newer ? newer : missing(`${own.missing}, ${newer.missing}`);
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

function stagingPrefix(kind: ServerKind): string {
  return `${kind.name}.staging-`;
}

/** Removes what a fetch left behind whose process died; whoever holds the lock is the only one to fetch. */
async function sweep({ kind, cache }: Deps): Promise<void> {
  for (const name of await readdir(cache)) {
    if (name.startsWith(stagingPrefix(kind))) await rm(join(cache, name), { recursive: true, force: true });
  }
}

async function newerAttempts(release: Release, staging: string): Promise<Attempt[]> {
  const addresses = await listAddresses(await openApt(join(staging, "addresses"), { kind: "fresh" }));
  return (await newerSuiteSources(release, addresses)).map((line) => ({
    name: `package of ${release.newerSuite}`,
    source: { kind: "own", line },
  }));
}

/** Tries sources until one yields a server. A source that knows the package as too old ends the series. */
async function tryInOrder(deps: Deps, staging: string, attempts: readonly Attempt[]): Promise<Finding> {
  const reasons: string[] = [];
  for (const attempt of attempts) {
    const apt = await openApt(await mkdtemp(join(staging, "apt-")), attempt.source);
    if (attempt.source.kind !== "machine") deps.report(`fetching ${deps.kind.name}: ${attempt.name}`);
    const outcome = await trySource(deps, apt, attempt.source.kind !== "machine");
    if ("found" in outcome) return outcome;
    reasons.push(`${attempt.name} ${outcome.missing}`);
    if (outcome.final) break;
  }
  return missing(reasons.join(", "));
}

type Miss = { readonly missing: string; readonly final: boolean };

async function trySource(
  deps: Deps,
  apt: Apt,
  update: boolean,
): Promise<Extract<Finding, { found: unknown }> | Miss> {
  const { kind } = deps;
  const updated = update ? await updateLists(apt) : null;
  const candidate = await candidateOf(apt, kind.name);
  if (candidate === null)
    return { missing: updated?.stderr ? tellingLine(updated) : "is unknown", final: false };
  if (!isAtLeast(candidate, kind.minimum)) return { missing: `is ${candidate}`, final: true };
  const names = kind.needsLibraries ? await additionsFor(apt, kind.name) : [kind.name];
  if (names === null || names.includes("libc6")) {
    return { missing: `(${candidate}) needs another C library`, final: false };
  }
  const download = await downloadPackages(apt, names);
  if (!download.ok) return { missing: tellingLine(download), final: false };
  const finding = await unpack(deps, download.folder, join(apt.folder, "root"));
  return "found" in finding ? finding : { ...finding, final: false };
}

async function unpack(deps: Deps, packages: string, root: string): Promise<Finding> {
  for (const name of await readdir(packages)) {
    const result = await runCommand("dpkg", ["-x", join(packages, name), root]);
    if (!result.ok) return missing(tellingLine(result));
  }
  const binary = await binaryUnder(root, deps.kind, "");
  const version = binary === null ? null : await versionOf(binary.path, binary.libraryFolders);
  if (version === null || !isAtLeast(version, deps.kind.minimum)) return missing("does not run here");
  await publishToCache(root, deps.kind, version, deps.cache);
  return lookInCache(deps.kind, deps.cache);
}
