/**
 * Sees to it that a server does not outlive the process that started it.
 *
 *   the process ends (also by an uncaught exception) → its `exit` event ends the servers
 *   SIGINT, SIGTERM, SIGHUP, and nobody else listens → the servers end, then the signal does its work
 *   the same signals, and someone listens            → that one decides; `exit` follows
 *   SIGKILL                                          → on Linux the kernel ends the servers (setpriv); elsewhere
 *                                                      they stay, and must be ended by hand
 *
 * Handlers exist only while a server does, so that the package changes nothing for a process without one.
 * The kernel counts the thread that started a server as its parent: start servers from one that stays.
 */

import { accessSync, constants } from "node:fs";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
const SETPRIV = "/usr/bin/setpriv";

type Ending = () => void;
const endings = new Set<Ending>();

/** Registers what ends a server at once, synchronously. Returns the function that takes it back. */
export function guardAgainstOrphan(ending: Ending): () => void {
  if (endings.size === 0) listen();
  endings.add(ending);
  return () => {
    if (endings.delete(ending) && endings.size === 0) stopListening();
  };
}

/** The command that runs `path` so that the kernel ends it with its parent, where this machine can. */
export function boundToParent(path: string, commandArguments: readonly string[]): [string, string[]] {
  if (process.platform !== "linux" || !isExecutable(SETPRIV)) return [path, [...commandArguments]];
  return [SETPRIV, ["--pdeathsig", "KILL", "--", path, ...commandArguments]];
}

/** First in line, so that listeners that remove themselves when called can still be counted. */
function listen(): void {
  process.once("exit", endAll);
  for (const signal of SIGNALS) process.prependListener(signal, onSignal);
}

function stopListening(): void {
  process.removeListener("exit", endAll);
  for (const signal of SIGNALS) process.removeListener(signal, onSignal);
}

function onSignal(signal: NodeJS.Signals): void {
  if (process.listenerCount(signal) > 1) return;
  endAll();
  stopListening();
  process.kill(process.pid, signal);
}

function endAll(): void {
  for (const ending of endings) ending();
  endings.clear();
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
