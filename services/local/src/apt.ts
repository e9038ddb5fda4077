/**
 * apt with lists, archives and sources of its own, so that it needs no root and leaves the machine's apt as
 * it was. The machine's configuration still counts: proxies, mirrors, certificates and, above all, the
 * verification of signatures.
 *
 * The settings are a file given by `-c`, which apt reads last: only there can the hooks that other packages
 * hang on `update` be cleared (they clean and refresh caches of the system).
 */

import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type CommandResult, runCommand } from "./command.ts";
import { versionIn } from "./version.ts";

/** `machine`: the lists as last updated. `fresh`: the machine's sources, lists of our own. Text: our own source too. */
export type AptSource =
  | { readonly kind: "machine" | "fresh" }
  | { readonly kind: "own"; readonly line: string };

export type Apt = { readonly folder: string; readonly settings: string };

export async function openApt(folder: string, source: AptSource): Promise<Apt> {
  for (const name of ["lists/partial", "cache/archives/partial", "downloads"]) {
    await mkdir(join(folder, name), { recursive: true });
  }
  if (source.kind === "own") await writeFile(join(folder, "sources.list"), `${source.line}\n`);
  const settings = join(folder, "apt.conf");
  await writeFile(settings, settingsText(folder, source));
  return { folder, settings };
}

export function settingsText(folder: string, source: AptSource): string {
  return [
    "#clear APT::Update::Pre-Invoke;",
    "#clear APT::Update::Post-Invoke;",
    "#clear APT::Update::Post-Invoke-Success;",
    'Acquire::Languages "none";',
    'Acquire::Retries "2";',
    `Dir::Cache "${folder}/cache";`,
    `Dir::Cache::archives "${folder}/cache/archives";`,
    ...(source.kind === "machine" ? [] : [`Dir::State::lists "${folder}/lists";`]),
    ...(source.kind === "own"
      ? [`Dir::Etc::sourcelist "${folder}/sources.list";`, 'Dir::Etc::sourceparts "/dev/null";']
      : []),
    "",
  ].join("\n");
}

/** Fetches the lists. One source of several may fail and the rest still serve: look at the candidates after. */
export function updateLists(apt: Apt): Promise<CommandResult> {
  return runCommand("apt-get", ["-c", apt.settings, "update"]);
}

/** Version that would be installed, `major.minor.patch`; null when the lists do not know the package. */
export async function candidateOf(apt: Apt, packageName: string): Promise<string | null> {
  const result = await runCommand("apt-cache", ["-c", apt.settings, "policy", packageName]);
  return result.ok ? candidateIn(result.stdout) : null;
}

export function candidateIn(policy: string): string | null {
  const candidate = /^\s*Candidate: (\S+)$/m.exec(policy)?.[1];
  return candidate === undefined ? null : versionIn(candidate);
}

/** Names of the packages that an installation would add, the package itself among them; null when it cannot be. */
export async function additionsFor(apt: Apt, packageName: string): Promise<string[] | null> {
  const simulate = ["-c", apt.settings, "--simulate", "--no-install-recommends", "install", packageName];
  const result = await runCommand("apt-get", simulate);
  return result.ok ? additionsIn(result.stdout) : null;
}

export function additionsIn(simulation: string): string[] {
  return [...simulation.matchAll(/^Inst (\S+) /gm)].flatMap((match) => match[1] ?? []);
}

/** Downloads packages, signatures checked against the lists, into the returned folder. */
export async function downloadPackages(
  apt: Apt,
  names: readonly string[],
): Promise<CommandResult & { folder: string }> {
  const folder = join(apt.folder, "downloads");
  const result = await runCommand("apt-get", ["-c", apt.settings, "download", ...names], { cwd: folder });
  return { ...result, folder };
}

/** Addresses that an update would fetch: the machine's sources, whatever the format they are written in. */
export async function listAddresses(apt: Apt): Promise<string> {
  return (await runCommand("apt-get", ["-c", apt.settings, "--print-uris", "update"])).stdout;
}
