/**
 * Two small scenes that take the same course every time. In one, an owner claims and handles commands; in the other it takes over what a
 * worker left behind that ended in the middle of its claims. In both, somebody else may take everything over at any moment.
 */

import { names as namesOf } from "@carillon/contracts";
import type { MemoryServer } from "../../services/testing/src/server/memory-server.ts";
import type { VirtualTime } from "../../services/testing/src/virtual-time.ts";
import type { Host } from "../sim/host.ts";
import type { Scenario } from "../sim/scenario.ts";
import { bytesOf, publish, type Sent } from "../sim/workload.ts";

export interface Cast {
  readonly time: VirtualTime;
  readonly server: MemoryServer;
  /** Owns everything at first, and ends, in the scene of a takeover. */
  readonly predecessor: Host;
  /** Stalls. */
  readonly owner: Host;
  /** Goes on. */
  readonly rival: Host;
}

export interface Scene {
  /** From when the owner's messages count, and how long after the last of them that counts. */
  readonly fromMs: number;
  readonly untilMs: number;
  play(cast: Cast): void;
}

/** Names under which each of the two is wanted for one of two partitions (a process adds its number). */
export const NAMES = { predecessor: "predecessor", owner: "stalling", rival: "rival" } as const;

export const LEASE_MS = 2_000;
/** Longer than a lease, the time for which a silent worker is still counted, and a takeover. */
export const STALL_MS = 3 * LEASE_MS;
/** After the last command, until all must be well; and while it is looked at. */
const SETTLING_MS = 6_000;
const WATCH_MS = 6_000;

const RUN_MS = 20_000;

/** Of the clock's times, and of commands: not in step, so that each comes before and after the other. */
const EVERY_SECONDS = 1;
const COMMAND_EVERY_MS = 330;

export const SCENARIO: Scenario = {
  seed: 0,
  pace: "dense",
  durationMs: RUN_MS,
  settlingMs: SETTLING_MS,
  watchMs: WATCH_MS,
  hosts: 2,
  partitions: 2,
  leases: "nats",
  leaseTtlMs: LEASE_MS,
  warmMax: Number.POSITIVE_INFINITY,
  schedules: 6,
  commandsPerHour: 0,
  // The one stall is none of chance.
  faults: {
    crash: 0,
    stop: 0,
    drop: 0,
    restart: 0,
    stall: 0,
    clock: 0,
    slow: 0,
    outage: 0,
    full: 0,
    unheard: 0,
    drift: 0,
    unlease: 0,
    failover: 0,
    flush: 0,
    muffle: 0,
    usurp: 0,
  },
  awayMsMax: 0,
  latencyMsMax: 1,
  lossShare: 0,
  skewMsMax: 0,
  stepMsMax: 0,
  driftMax: 0,
  beatMs: 1_000,
};

const IDS = Array.from({ length: SCENARIO.schedules }, (_, n) => `s${n}`);

/** The last one is sent where nobody listens, so that there are attempts, failures and dead letters. */
const definitionOf = (id: string) => ({
  trigger: { type: "interval", everySeconds: EVERY_SECONDS },
  target: { subject: id === IDS.at(-1) ? "cmd.lost.letter" : "cmd.acme.mail" },
  retry: { maxAttempts: 2, initialDelaySeconds: 0.4 },
});

const CHANGES: readonly { readonly verb: string; readonly body?: unknown }[] = [
  { verb: "update", body: { payload: { n: 1 } } },
  { verb: "trigger" },
  { verb: "pause" },
  { verb: "resume", body: { from: "catch_up" } },
  { verb: "explode" },
  { verb: "delete" },
  { verb: "apply", body: definitionOf("s0") },
];

const sent = (verb: string, scheduleId: string, body: unknown, n: number): Sent => ({
  verb,
  tenant: "acme",
  scheduleId,
  body,
  headers: { "Scheduler-Actor": "ada" },
  commandId: n % 2 === 0 ? `acme.c${n}` : null,
});

/** One command after another, to each schedule in turn; every third is asked, and waits for its outcome. */
function command({ time, server, rival, owner }: Cast, beginMs: number): void {
  const creations = IDS.map((id, n) => sent("create", id, definitionOf(id), 1_000 + n));
  time.after(beginMs, () => {
    for (const creation of creations) publish(server, creation);
  });
  const rounds = CHANGES.flatMap(({ verb, body }) => IDS.map((id) => ({ verb, body, id })));
  for (const [n, { verb, body, id }] of rounds.entries()) {
    const one = sent(verb, id, body, n);
    time.after(beginMs + (n + 1) * COMMAND_EVERY_MS, () => {
      if (n % 3 === 0) ask(rival.scheduler === null ? owner : rival, one);
      else publish(server, one);
    });
  }
}

function ask({ scheduler }: Host, { verb, tenant, scheduleId, body, headers, commandId }: Sent): void {
  const all: Record<string, string> = {
    ...headers,
    ...(commandId === null ? {} : { "Nats-Msg-Id": commandId }),
  };
  void scheduler?.rpc({
    subject: namesOf().rpc.build({ tenant, verb, scheduleId }),
    data: bytesOf(body),
    header: (name) => all[name] ?? null,
    reply: "_INBOX.caller",
  });
}

export const SCENES = {
  "claims and handles commands": {
    fromMs: 3_000,
    untilMs: 7_000,
    play: (cast) => {
      cast.owner.start();
      cast.time.after(500, () => cast.rival.start());
      command(cast, 2_500);
    },
  },
  "takes over": {
    fromMs: 4_600,
    untilMs: 9_000,
    play: (cast) => {
      const { time, predecessor, owner, rival } = cast;
      predecessor.start();
      command(cast, 500);
      // Two milliseconds after the claims of a second went out: they are stored, and nothing is paid.
      time.after(4_503, () => predecessor.crash());
      time.after(4_600, () => owner.start());
      time.after(4_900, () => rival.start());
    },
  },
} as const satisfies Record<string, Scene>;

export type SceneName = keyof typeof SCENES;
