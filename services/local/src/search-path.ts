/**
 * Looks for an installed binary and asks it for its version. A binary that is too old is passed over, not
 * refused: a newer one may lie further down the path.
 */

import { access, constants } from "node:fs/promises";
import { join } from "node:path";
import { runCommand } from "./command.ts";
import { type Finding, found, missing } from "./finding.ts";
import type { ServerKind } from "./server-kind.ts";
import { isAtLeast, versionIn } from "./version.ts";

const SUFFIX = process.platform === "win32" ? ".exe" : "";

export async function lookOnSearchPath(kind: ServerKind, folders: readonly string[]): Promise<Finding> {
  const tooOld: string[] = [];
  for (const folder of folders) {
    const path = join(folder, kind.name + SUFFIX);
    if (!(await isExecutable(path))) continue;
    const version = await versionOf(path, []);
    if (version !== null && isAtLeast(version, kind.minimum))
      return found({ path, version, libraryFolders: [] });
    tooOld.push(`${path} is ${version ?? "of unknown version"}`);
  }
  return missing(tooOld.length > 0 ? tooOld.join(", ") : "none");
}

/** Version that a binary prints of itself; null when it does not run here or prints none. */
export async function versionOf(path: string, libraryFolders: readonly string[]): Promise<string | null> {
  const result = await runCommand(path, ["--version"], { libraryFolders });
  return result.ok ? versionIn(result.stdout) : null;
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
