/** How the process ends: exit codes of sysexits.h, and one line for every fault that an operator can mend. */

/** The settings do not fit; a line each. */
export class Misconfigured extends Error {
  override name = "Misconfigured";
  readonly faults: readonly string[];
  constructor(faults: readonly string[]) {
    super(faults.join("\n"));
    this.faults = faults;
  }
}

export const EXIT = {
  ok: 0,
  /** A server that is too old, or without JetStream. */
  unavailable: 69,
  /** A bug. */
  software: 70,
  /** Ended halfway; the same again goes on. */
  again: 75,
  /** Configuration, or an installation that differs. */
  config: 78,
} as const;

/** `ApiRefusal`: NATS does not let this user do what a worker must. */
const CONFIG_ERRORS: ReadonlySet<string> = new Set([
  "Misconfigured",
  "TopologyFault",
  "AddressUnavailable",
  "ApiRefusal",
  "RepartitionRefused",
]);

/** Code and lines for an error that ended the start. */
export function exitOf(error: unknown): { code: number; lines: readonly string[] } {
  if (!(error instanceof Error)) return { code: EXIT.software, lines: [String(error)] };
  const lines = error.message.split("\n");
  if (CONFIG_ERRORS.has(error.name)) return { code: EXIT.config, lines };
  if (error.name === "ServerTooOld") return { code: EXIT.unavailable, lines };
  if (error.name === "Abandoned") return { code: EXIT.ok, lines: [] };
  return { code: EXIT.software, lines: [error.stack ?? error.message] };
}
