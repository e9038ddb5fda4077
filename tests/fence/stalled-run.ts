/**
 * One run of a scene in which the owner stalls at its n-th message: before it leaves (its guard was asked, and said yes), or once it has
 * left. Whatever else would leave or wake the process meanwhile waits too. Out of it comes a history.
 */

import type { Publisher } from "../../services/scheduler/src/app/ports.ts";
import type { Ports } from "../../services/scheduler/src/compose.ts";
import { MemoryServer } from "../../services/testing/src/server/memory-server.ts";
import { VirtualTime } from "../../services/testing/src/virtual-time.ts";
import type { Crossing, Fate, Way } from "../../services/testing/src/wire.ts";
import { emptyHistory, type History } from "../sim/history.ts";
import { FILE, Host } from "../sim/host.ts";
import { record } from "../sim/recorder.ts";
import { withOwn } from "../sim/with-own.ts";
import { shownBy, speakersOf } from "../sim/world.ts";
import { Calls } from "./calls.ts";
import { NAMES, SCENARIO, SCENES, type SceneName, STALL_MS } from "./scene.ts";

const EPOCH_AT = Date.parse("2026-10-24T00:00:00Z");
const CROSSING: Crossing = { outMs: 1, backMs: 1 };
const STOPPING_MS = 15_000;
const LOOK_EVERY_MS = 500;

/** Moments that are noted of a takeover: it, its repairs, and the first claims after it. */
const MOMENTS_MAX = 40;

/** Names the process that handed a target's command to its publisher; only here. */
export const SENT_BY = "Sent-By";

export interface Point {
  /** Counted from 1, among the messages of the owner in the time that the scene names; 0: it does not stall. */
  readonly nth: number;
  readonly when: "before" | "after";
  /** Of `before`: how long the message takes, where that is less than the stall. */
  readonly lateMs?: number;
}

export interface Run {
  readonly history: History;
  /** What the owner's messages were that count. */
  readonly messages: readonly string[];
  /** Since when it stalled; Infinity: it did not. */
  readonly stalledMs: number;
  /** When the rival sent something from the beginning of its first takeover on while the owner stalled, ms since the stall began. */
  readonly rivalMs: readonly number[];
  /** Partitions that the owner holds at the end. */
  readonly owned: number;
}

export async function stalledRun(name: SceneName, point: Point): Promise<Run> {
  const scene = SCENES[name];
  const time = new VirtualTime();
  const history = emptyHistory(SCENARIO, EPOCH_AT);
  const captures = Object.values(FILE.tenants).flatMap(({ targets }) =>
    targets.flatMap(({ subject, capture }) => (capture === true ? [subject] : [])),
  );
  const server = new MemoryServer({ time, epochAt: EPOCH_AT, partitions: SCENARIO.partitions, captures });
  record(history, server, time);
  const messages: string[] = [];
  const rivalMs: number[] = [];
  const calls = new Calls();
  const rivalsCalls = new Calls();
  let stalledMs = Number.POSITIVE_INFINITY;

  const ownersFate: Fate = (way: Way) => {
    const nowMs = time.nowMs;
    const call = way === "push" ? "" : calls.next(way);
    const counts = nowMs >= scene.fromMs && nowMs < scene.untilMs;
    if (way !== "push" && counts && messages.push(call) === point.nth) {
      stalledMs = nowMs;
      owner.stall(STALL_MS);
      return point.when === "after" ? CROSSING : { ...CROSSING, outMs: point.lateMs ?? STALL_MS };
    }
    const leftMs = stalledMs + STALL_MS - nowMs;
    return way !== "push" && stalledMs <= nowMs && leftMs > 0 ? { ...CROSSING, outMs: leftMs } : CROSSING;
  };
  const rivalsFate: Fate = (way) => {
    const sinceMs = time.nowMs - stalledMs;
    const call = way === "push" ? "" : rivalsCalls.next(way);
    const begun = rivalMs.length > 0 || (call === "store.read term" && sinceMs > 0);
    if (begun && rivalMs.length < MOMENTS_MAX && rivalMs.at(-1) !== sinceMs) rivalMs.push(sinceMs);
    return CROSSING;
  };
  let ids = 0;
  const host = (hostName: string, fate: Fate, noted = new Calls()): Host =>
    new Host(hostName, 0, {
      time,
      server,
      elsewhere: null,
      history,
      speakers: (partition) => speakersOf([owner, rival], partition),
      plant: (ports) => marked(ports, `${hostName}-1`, noted),
      fate: () => fate,
      randomId: () => `r${++ids}`,
    });
  const predecessor = host(NAMES.predecessor, () => CROSSING);
  const owner = host(NAMES.owner, ownersFate, calls);
  const rival = host(NAMES.rival, rivalsFate, rivalsCalls);
  scene.play({ time, server, predecessor, owner, rival });

  await time.runUntil(SCENARIO.durationMs);
  history.calmMs = time.nowMs;
  await time.runUntil(time.nowMs + SCENARIO.settlingMs);
  history.settledMs = time.nowMs;
  const endMs = time.nowMs + SCENARIO.watchMs;
  while (time.nowMs < endMs) {
    await time.runUntil(time.nowMs + LOOK_EVERY_MS);
    const speakers = [0, 1].map((partition) => speakersOf([owner, rival], partition));
    history.looks.push({ atMs: time.nowMs, speakers });
  }
  history.endMs = time.nowMs;
  history.shown = shownBy([owner, rival]);
  history.inboxPending = server.commands.pending;
  const owned = owner.scheduler?.gauges().partitionsOwned ?? 0;
  void owner.stop();
  void rival.stop();
  await time.runUntil(time.nowMs + STOPPING_MS);
  return { history, messages, stalledMs, rivalMs, owned };
}

/** Says who sent each target's command, and what is being done when a message leaves. */
function marked(ports: Ports, worker: string, calls: Calls): Ports {
  const send: Publisher["send"] = (message, how) => {
    const own = message.subject.startsWith("cmd.");
    const headers = own ? { ...message.headers, [SENT_BY]: worker } : message.headers;
    return ports.publisher.send({ ...message, headers }, how);
  };
  return {
    ...ports,
    store: calls.watch("store", ports.store),
    publisher: calls.watch("publisher", withOwn(ports.publisher, { send })),
    inbox: calls.watch("inbox", ports.inbox),
    leases: calls.watch("leases", ports.leases),
    heartbeats: calls.watch("heartbeats", ports.heartbeats),
  };
}
