/** One run: a server, some workers, commands and faults, then calm; out of it comes a history. */

import { names as namesOf } from "@carillon/contracts";
import type { Scheduler } from "../../services/scheduler/src/compose.ts";
import { LeaseTable } from "../../services/testing/src/server/lease-table.ts";
import { MemoryServer } from "../../services/testing/src/server/memory-server.ts";
import { VirtualTime } from "../../services/testing/src/virtual-time.ts";
import { Weather } from "./faults.ts";
import { emptyHistory, type History, type WorkerShown } from "./history.ts";
import { FILE, Host } from "./host.ts";
import type { Plant } from "./plants.ts";
import { type Random, randomOf } from "./random.ts";
import { record } from "./recorder.ts";
import { type Scenario, scenarioOf } from "./scenario.ts";
import { bytesOf, publish, type Sent, Workload } from "./workload.ts";

const NAMES = namesOf();

/** A Saturday in summer time of half the world. */
const EPOCH_AT = Date.parse("2026-10-24T00:00:00Z");

/** What workers may need to end, when nothing goes wrong. */
const STOPPING_MS = 15_000;

const LOOK_EVERY_MS = 100;

/** Share of commands that are asked over rpc. */
const ASKED_SHARE = 0.3;

/** What is asked at rest, of one of the workers, while time passes. */
export type Closing = (world: {
  scheduler: Scheduler;
  server: MemoryServer;
  time: VirtualTime;
  history: History;
}) => Promise<void>;

export interface RunOptions {
  plant?: Plant | null;
  closing?: Closing | null;
  /** What the seed is about; absent: anything. */
  about?: (seed: number, random: Random) => Scenario;
}

export async function run(
  seed: number,
  { plant = null, closing = null, about = scenarioOf }: RunOptions = {},
): Promise<History> {
  const random = randomOf(seed);
  const scenario = about(seed, random);
  const history = emptyHistory(scenario, EPOCH_AT);
  const time = new VirtualTime();
  const captures = Object.values(FILE.tenants).flatMap(({ targets }) =>
    targets.flatMap(({ subject, capture }) => (capture === true ? [subject] : [])),
  );
  const { partitions } = scenario;
  const server = new MemoryServer({ time, epochAt: EPOCH_AT, partitions, captures });
  record(history, server, time);

  const elsewhere = scenario.leases === "redis" ? new LeaseTable(time) : null;
  const leases = elsewhere ?? server.leases;
  const weather = new Weather({ time, random, scenario, server, leases });
  const hosts: Host[] = [];
  const speakers = (partition: number): string[] => speakersOf(hosts, partition);
  for (let n = 0; n < scenario.hosts; n++) {
    const name = `w${n}`;
    const skewMs = random.between(-scenario.skewMsMax, scenario.skewMsMax);
    const randomId = (): string => `r${random.between(0, 2 ** 31 - 1)}`;
    const fate = weather.fateOf(name);
    hosts.push(new Host(name, skewMs, { time, server, elsewhere, history, plant, fate, randomId, speakers }));
  }
  for (const host of hosts) host.start();
  drive({ time, random, scenario, server, hosts });
  weather.begin(hosts);

  await time.runUntil(scenario.durationMs);
  weather.end();
  history.calmMs = time.nowMs;
  await time.runUntil(time.nowMs + scenario.settlingMs);
  history.settledMs = time.nowMs;
  await watch({ time, random, history, hosts });
  history.endMs = time.nowMs;
  history.shown = shownBy(hosts);
  history.inboxPending = server.commands.pending;
  const [scheduler] = hosts.flatMap((host) => host.scheduler ?? []);
  if (closing !== null && scheduler !== undefined) await closing({ scheduler, server, time, history });
  for (const host of hosts) void host.stop();
  await time.runUntil(time.nowMs + STOPPING_MS);
  return history;
}

/** Looks who owns what, while one worker leaves by plan and comes again. */
async function watch({
  time,
  random,
  history,
  hosts,
}: Pick<Driven, "time" | "random" | "hosts"> & { history: History }): Promise<void> {
  const { partitions, watchMs } = history.scenario;
  const leaver = hosts.length > 1 ? random.pick(hosts) : null;
  time.after(watchMs / 4, () => void leaver?.stop());
  time.after(watchMs / 2, () => leaver?.start());
  const endMs = time.nowMs + watchMs;
  while (time.nowMs < endMs) {
    await time.runUntil(time.nowMs + LOOK_EVERY_MS);
    const speakers = Array.from({ length: partitions }, (_, partition) => speakersOf(hosts, partition));
    history.looks.push({ atMs: time.nowMs, speakers });
  }
}

/** Workers that speak for a partition now, as far as they know themselves. */
export const speakersOf = (hosts: readonly Host[], partition: number): string[] =>
  hosts.flatMap(({ scheduler, worker }) => {
    const speaks = scheduler?.worker.speaking().some((loop) => loop.partition === partition);
    return worker !== null && speaks === true ? [worker] : [];
  });

export const shownBy = (hosts: readonly Host[]): WorkerShown[] =>
  hosts.flatMap(({ scheduler, worker }) =>
    scheduler === null || worker === null ? [] : [{ worker, gauges: scheduler.gauges() }],
  );

interface Driven {
  time: VirtualTime;
  random: Random;
  scenario: Scenario;
  server: MemoryServer;
  hosts: readonly Host[];
}

/** Sends commands until the calm begins. */
function drive({ time, random, scenario, server, hosts }: Driven): void {
  const workload = new Workload({ random, scenario, now: () => server.now() });
  const send = (sent: Sent): void => {
    const asked = random.pick(hosts);
    if (random.chance(ASKED_SHARE)) ask(asked, sent);
    else publish(server, sent);
  };
  for (const sent of workload.founding()) publish(server, sent);
  const again = (): void => {
    time.after(random.waitMs(scenario.commandsPerHour), () => {
      if (time.nowMs >= scenario.durationMs) return;
      send(workload.next());
      again();
    });
  };
  again();
}

/** Over rpc, of whichever process runs there; a caller that gets no answer does not care. */
function ask({ scheduler }: Host, { verb, tenant, scheduleId, body, headers, commandId }: Sent): void {
  const all: Record<string, string> = {
    ...headers,
    ...(commandId === null ? {} : { "Nats-Msg-Id": commandId }),
  };
  void scheduler?.rpc({
    subject: NAMES.rpc.build({ tenant, verb, scheduleId }),
    data: bytesOf(body),
    header: (name) => all[name] ?? null,
    reply: "_INBOX.caller",
  });
}
