/**
 * Stops a worker's process at one of its messages: before it reaches the server, or once it has, with the answer kept back. The worker
 * knows nothing of it; a proxy on its link sees what it sends.
 */

import type { LinkProxy } from "./proxy.ts";

export interface Point {
  readonly what: string;
  /** In what the worker sends. */
  readonly message: RegExp;
  readonly when: "before" | "after";
}

export interface Stalls {
  /** Resolves when the process is stopped. */
  at(point: Point): Promise<void>;
  wake(): void;
}

export function stallsOf(pid: number, proxy: LinkProxy): Stalls {
  let armed: { point: Point; stalled: () => void } | null = null;
  proxy.onSent((text) => {
    if (armed?.point.message.test(text) !== true) return;
    const { point, stalled } = armed;
    armed = null;
    proxy.hold(point.when === "before" ? "toServer" : "toClient");
    process.kill(pid, "SIGSTOP");
    stalled();
  });
  return {
    at: (point) =>
      new Promise((resolve) => {
        armed = { point, stalled: resolve };
      }),
    wake: () => {
      process.kill(pid, "SIGCONT");
      proxy.release("toServer");
      proxy.release("toClient");
    },
  };
}

/** By which an occurrence is claimed, a command handled, and ownership kept. */
export const OWNING: Readonly<Record<string, RegExp>> = {
  "claim: state": /PUB \$KV\.scheduler_state\.\d+\./,
  "claim: target": /HPUB cmd\.notification\./,
  "claim: event": /HPUB evt\.scheduler\.\S+\.execution\./,
  "command: definition": /PUB \$KV\.scheduler_schedules\./,
  "command: event": /HPUB evt\.scheduler\.\S+\.schedule\./,
  "command: outcome": /PUB _INBOX/,
  "command: acknowledgement": /PUB \$JS\.ACK\.SCHEDULER_COMMANDS/,
  "lease: renewal": /PUB \$KV\.scheduler_leases\./,
};

/** By which a partition is taken over. */
export const TAKING: Readonly<Record<string, RegExp>> = {
  lease: /PUB \$KV\.scheduler_leases\./,
  "term: read": /PUB \$JS\.API\.(?:STREAM\.MSG|DIRECT)\.GET\.KV_scheduler_state/,
  "term: write": /PUB \$KV\.scheduler_state\.term\./,
  "consumers: list": /PUB \$JS\.API\.CONSUMER\.(?:LIST|NAMES)\.SCHEDULER_COMMANDS/,
  "consumers: create": /PUB \$JS\.API\.CONSUMER\.CREATE\.SCHEDULER_COMMANDS/,
  "load: definitions": /PUB \$JS\.API\.CONSUMER\.CREATE\.KV_scheduler_schedules/,
  "load: states": /PUB \$JS\.API\.CONSUMER\.CREATE\.KV_scheduler_state/,
};
