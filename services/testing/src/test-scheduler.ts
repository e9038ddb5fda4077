/**
 * The scheduler for tests: the one that runs in production, on a clock that moves when it is told to and a server in memory. No NATS, no
 * sleep; a year passes as fast as what happens in it.
 */

import type { CloudEvent, ScheduleView, TenantsFile } from "@carillon/contracts";
import { DEFAULT_TENANT } from "@carillon/contracts";
import { type Client, type CommandOptions, createClient, type Verbs } from "@carillon/contracts/client";
import { compose, type Scheduler } from "../../scheduler/src/compose.ts";
import type { Defaults } from "../../scheduler/src/domain/definition.ts";
import { type EpochMs, formatInstant, parseInstant } from "../../scheduler/src/domain/instant.ts";
import { compileTenants, type Tenants } from "../../scheduler/src/domain/tenants.ts";
import { type Duration, millisecondsOf } from "./duration.ts";
import { type Fired, firedOf, jsonOf } from "./fired.ts";
import { memoryConnection } from "./memory-connection.ts";
import { memoryPorts } from "./ports/index.ts";
import { MemoryServer } from "./server/memory-server.ts";
import type { Kept } from "./server/stream.ts";
import { VirtualClock } from "./virtual-clock.ts";
import { VirtualTime } from "./virtual-time.ts";
import { Wire } from "./wire.ts";

export interface TestSchedulerOptions {
  /** Where the clock begins, RFC 3339; default `2026-01-01T00:00:00Z`. */
  readonly at?: string;
  /** Of `create` and the other verbs here; default `default`. */
  readonly tenant?: string;
  /** As in production; default: the tenant may publish to every subject that is not reserved. */
  readonly tenants?: TenantsFile;
  /** Subjects that a stream captures, as patterns; a target that is not among them refuses. Default: all. */
  readonly captures?: readonly string[];
  /** Zone of triggers that name none; default `UTC`. */
  readonly timezone?: string;
}

export interface TestScheduler extends Verbs<CommandOptions, ScheduleView>, AsyncDisposable {
  /** The client that services are given, for whatever is under test. */
  readonly client: Client;
  /** What the clock shows, RFC 3339. */
  now(): string;
  /** Lets so much time pass, and everything happen that is due by then. */
  advance(duration: Duration): Promise<void>;
  /** The same, up to this instant (RFC 3339), which must not be past. */
  advanceTo(instant: string): Promise<void>;
  /** Commands that targets got so far, oldest first; of one schedule, or of all. */
  fired(scheduleId?: string): readonly Fired[];
  /** Events so far, of executions, schedules and refused commands, each kind in its order; of one schedule, or of all. */
  events(scheduleId?: string): readonly CloudEvent<Readonly<Record<string, unknown>>>[];
  /** Dead letters so far: executions that used up their attempts. */
  deadLetters(): readonly unknown[];
  /** No scheduler runs for so long, as after a crash; then another one takes over. */
  outage(duration: Duration): Promise<void>;
}

const BEGIN = "2026-01-01T00:00:00Z";
const DAY_MS = 86_400_000;
/** Nobody competes for it, and each renewal takes its time. */
const LEASE_TTL_MS = DAY_MS;

/** An answer that needs time gets it in such steps. */
const STEP_MS = 10;

/** Throws RangeError for an option that is no instant or no tenants file. */
export async function testScheduler(options: TestSchedulerOptions = {}): Promise<TestScheduler> {
  const scheduler = new InMemory(options);
  await scheduler.begin();
  return scheduler.offer();
}

class InMemory {
  readonly #time = new VirtualTime();
  readonly #server: MemoryServer;
  readonly #tenants: Tenants;
  readonly #defaults: Defaults;
  readonly #tenant: string;
  readonly #beginAt: EpochMs;
  readonly #stored: Kept[] = [];
  #running: { clock: VirtualClock; scheduler: Scheduler } | null = null;
  #starts = 0;
  #drawn = 0;

  constructor({
    at = BEGIN,
    tenant = DEFAULT_TENANT,
    tenants,
    captures = [">"],
    timezone = "UTC",
  }: TestSchedulerOptions) {
    this.#beginAt = instantOf(at);
    this.#tenant = tenant;
    this.#server = new MemoryServer({ time: this.#time, epochAt: this.#beginAt, partitions: 1, captures });
    this.#tenants = tenantsOf(
      tenants ?? { tenants: { [tenant]: { targets: [{ subject: ">" }] } } },
      this.#server,
    );
    this.#defaults = { ...DEFAULTS, timezone };
    for (const stream of this.#server.streams()) stream.onStored((kept) => this.#stored.push(kept));
    this.#server.heardCore = (draft, storedAt) => this.#stored.push({ ...draft, sequence: 0, storedAt });
  }

  /** A process begins, and takes over. */
  async begin(): Promise<void> {
    const { names } = this.#server;
    const worker = `test-${++this.#starts}`;
    const clock = new VirtualClock(this.#time, this.#beginAt, Number.POSITIVE_INFINITY);
    const wire = new Wire({ time: this.#time, clock });
    const tell = (): void => {};
    const scheduler = compose(memoryPorts({ server: this.#server, wire, clock, tell, process: worker }), {
      names,
      worker,
      version: "0.0.0",
      tzdata: process.versions["tz"] ?? "unknown",
      natsServer: () => "memory",
      partitions: 1,
      leaseTtlMs: LEASE_TTL_MS,
      warmMax: Number.POSITIVE_INFINITY,
      defaults: this.#defaults,
      tenants: () => this.#tenants,
      randomId: () => `test-${++this.#drawn}`,
    });
    this.#running = { clock, scheduler };
    scheduler.worker.start();
    await this.#time.runUntil(this.#time.nowMs);
  }

  offer(): TestScheduler {
    const connection = memoryConnection({
      server: this.#server,
      rpc: (request) => this.#running?.scheduler.rpc(request) ?? null,
      settle: (answer) => this.#settle(answer),
    });
    const client = createClient(connection, { tenant: this.#tenant });
    const { create, apply, update, delete: remove, pause, resume, trigger } = client;
    return {
      ...{ client, create, apply, update, delete: remove, pause, resume, trigger },
      now: () => formatInstant(this.#server.now()),
      advance: async (duration) => this.#advance(millisecondsOf(duration)),
      advanceTo: async (instant) => this.#advance(millisecondsOf(instantOf(instant) - this.#server.now())),
      fired: (scheduleId) =>
        this.#stored
          .flatMap((kept) => firedOf(kept) ?? [])
          .filter((fired) => isAbout(scheduleId, fired.scheduleId)),
      events: (scheduleId) => this.#events().filter(({ subject }) => isAbout(scheduleId, subject)),
      deadLetters: () => this.#of(this.#server.names.streams.deadLetters).map(({ data }) => jsonOf(data)),
      outage: async (duration) => {
        await this.#end();
        await this.#advance(millisecondsOf(duration));
        await this.begin();
      },
      [Symbol.asyncDispose]: () => this.#end(),
    };
  }

  async #advance(durationMs: number): Promise<void> {
    await this.#time.runUntil(this.#time.nowMs + durationMs);
  }

  /** Time passes only as far as the answer needs it. */
  async #settle<T>(answer: Promise<T>): Promise<T> {
    let settled = false;
    const over = answer.finally(() => {
      settled = true;
    });
    over.catch(() => {});
    for (let stepMs = 0; !settled; stepMs = STEP_MS) await this.#advance(stepMs);
    return over;
  }

  /** At once, as in a crash, but for lease and heartbeat: nobody waits here until they expire. */
  async #end(): Promise<void> {
    this.#running?.clock.end();
    this.#running = null;
    this.#server.leases.clear();
    this.#server.heartbeats.clear();
  }

  #events(): CloudEvent<Readonly<Record<string, unknown>>>[] {
    const { streams } = this.#server.names;
    return [...this.#of(streams.audit), ...this.#of(streams.executions)].map(({ data }) =>
      JSON.parse(String(data)),
    );
  }

  #of(name: string): Kept[] {
    const stream = this.#server.stream(name);
    return this.#stored.filter(({ subject }) => stream?.captures(subject) === true);
  }
}

const DEFAULTS: Omit<Defaults, "timezone"> = {
  graceSeconds: 300,
  maxConcurrent: 3,
  maxAttempts: 4,
  retryDelaySeconds: 300,
  keepSeconds: 604_800,
  lookaheadMs: 365 * DAY_MS,
};

const isAbout = (wanted: string | undefined, scheduleId: string): boolean =>
  wanted === undefined || wanted === scheduleId;

function instantOf(text: string): EpochMs {
  const at = parseInstant(text);
  if (at === null) throw new RangeError(`${JSON.stringify(text)}: expected an RFC 3339 instant`);
  return at;
}

function tenantsOf(file: TenantsFile, { names }: MemoryServer): Tenants {
  const compiled = compileTenants({
    file,
    payloadChecks: new Map(),
    maxSchedulesPerCreator: Number.POSITIVE_INFINITY,
    installation: names,
  });
  if (!compiled.ok) throw new RangeError(compiled.faults.join("\n"));
  return compiled.tenants;
}
