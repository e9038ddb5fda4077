/**
 * Runs a command to its end and returns what it said. A command that fails is a value, not an exception:
 * the search for a binary goes on to the next place, and tells why only when all have failed.
 */

import { execFile } from "node:child_process";
import { childEnvironment } from "./environment.ts";

/** A command that runs longer is killed and counts as failed (a download over a dead link, mostly). */
const COMMAND_MS_MAX = 180_000;
/** Output beyond this ends the command as failed; apt writes a few kilobytes. */
const OUTPUT_BYTES_MAX = 8 * 1024 * 1024;

export type CommandResult = { readonly ok: boolean; readonly stdout: string; readonly stderr: string };
export type CommandOptions = { readonly cwd?: string; readonly libraryFolders?: readonly string[] };

export function runCommand(
  command: string,
  commandArguments: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  const settings = {
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    env: childEnvironment(options.libraryFolders ?? []),
    timeout: COMMAND_MS_MAX,
    maxBuffer: OUTPUT_BYTES_MAX,
    windowsHide: true,
  };
  return new Promise((resolve) => {
    execFile(command, commandArguments, settings, (error, stdout, stderr) => {
      resolve({ ok: error === null, stdout, stderr: stderr || (error?.message ?? "") });
    });
  });
}

/** The line of a failed command that a person wants to read: apt's first error, else the last line. */
export function tellingLine(result: CommandResult): string {
  const lines = result.stderr.split("\n").filter((line) => line.trim() !== "");
  const telling = ["E: ", "W: Failed"].map((start) => lines.find((line) => line.startsWith(start)));
  return telling.find((line) => line !== undefined) ?? lines.at(-1) ?? "no output";
}
