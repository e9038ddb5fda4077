/**
 * Looks every second whether Carillon's streams and buckets are still there and still fit, and how much room the states have. A
 * worker that runs never makes one anew: an empty bucket would look like "no schedules". Where a bucket or the inbox is gone there is no
 * ground to hold partitions on; what was only changed is told, and work goes on. Looks too whether the number of partitions is the same.
 */

import type { Names } from "@carillon/contracts";
import type { StreamInfo } from "@nats-io/jetstream";
import { Abandoned, type Cancel, type Clock, type Ground, Refused } from "../../app/ports.ts";
import type { Tell } from "../../app/signals.ts";
import { compareInstallation, type Installation, readInstallation, supersededBy } from "./installation.ts";
import type { JsApi } from "./js-api.ts";
import { ListenerSet } from "./listener-set.ts";
import { compareStream } from "./stream-difference.ts";
import { streamInfo } from "./stream-questions.ts";
import type { StreamSpec } from "./streams.ts";

/** Between two looks. */
const LOOK_EVERY_MS = 1_000;
/** What lasts is told again after so long. */
const TELL_EVERY_MS = 60_000;
/** Of a limited bucket of states, this much is left to schedules that exist: a claim needs room beside what it replaces. */
const RESERVED_SHARE = 0.1;
const RESERVED_BYTES_MIN = 65_536;
/** What a schedule takes that was made since the last look; a generous guess. */
const SCHEDULE_BYTES = 2_000;

interface Judgement {
  faults: string[];
  firm: boolean;
}
const FIT: Judgement = { faults: [], firm: true };

type Deps = { api: JsApi; names: Names; clock: Clock; tell: Tell };

export class StreamWatch implements Ground {
  readonly #deps: Deps;
  readonly #installation: Installation;
  readonly #specs: readonly StreamSpec[];
  readonly #vital: ReadonlySet<string>;
  readonly #state: string;
  readonly #targets: string;
  /** Creation times, as last accepted. */
  readonly #created = new Map<string, string>();
  /** Not found at the last look; a server that starts may not know all of its streams yet, so it takes two. */
  readonly #missed = new Set<string>();
  #faults: readonly string[] = [];
  #toldAtMs = 0;
  readonly #lost = new ListenerSet<void>();
  #firm = true;
  #freeBytes = Number.POSITIVE_INFINITY;
  readonly #superseded = Promise.withResolvers<string>();
  #cancel: Cancel = () => {};
  #closed = false;

  /** What is looked for: everything that must have been declared. */
  constructor(deps: Deps, specs: readonly StreamSpec[], installation: Installation) {
    this.#installation = installation;
    const { streams, buckets, keys } = deps.names;
    this.#deps = deps;
    this.#specs = [...specs, { name: streams.targets }];
    this.#targets = streams.targets;
    this.#state = keys.stream(buckets.state);
    this.#vital = new Set([this.#state, keys.stream(buckets.schedules), streams.commands]);
  }

  /** A line for each stream that is missing, was made anew, or changed. */
  faults = (): readonly string[] => this.#faults;
  firm = (): boolean => this.#firm;
  onLost = (lost: () => void): Cancel => this.#lost.add(lost);

  /** Resolves with what to do, once the installation has another number of partitions, or is bound to get one. */
  get superseded(): Promise<string> {
    return this.#superseded.promise;
  }

  async assertUnchanged(): Promise<void> {
    const [fault] = await compareInstallation(this.#deps, this.#installation);
    if (fault !== undefined) throw new Refused(fault);
  }

  spare(): boolean {
    this.#freeBytes -= SCHEDULE_BYTES;
    return this.#freeBytes > 0;
  }

  /** Resolves after the first look. */
  async start(): Promise<void> {
    await this.#look();
    this.#next();
  }

  close(): void {
    this.#closed = true;
    this.#cancel();
  }

  #next(): void {
    if (this.#closed) return;
    this.#cancel = this.#deps.clock.after(LOOK_EVERY_MS, () => {
      this.#look()
        .catch((error: unknown) => {
          if (error instanceof Abandoned) return;
          this.#deps.tell({
            kind: "warning",
            message: error instanceof Error ? error.message : String(error),
          });
        })
        .finally(() => this.#next());
    });
  }

  async #look(): Promise<void> {
    const found = await Promise.all(this.#specs.map((spec) => this.#judge(spec)));
    const faults = found.flatMap((one) => one.faults);
    const firm = found.every((one) => one.firm);
    const lost = this.#firm && !firm;
    this.#firm = firm;
    if (lost) this.#lost.call();
    this.#say(faults);
  }

  async #judge(spec: StreamSpec): Promise<Judgement> {
    const { name } = spec;
    const vital = this.#vital.has(name);
    const info = await streamInfo(this.#deps.api, name);
    if (info === null) {
      const sure = this.#missed.has(name);
      this.#missed.add(name);
      return sure && this.#isExpected(name) ? { faults: [`${name} is gone; restore it`], firm: !vital } : FIT;
    }
    this.#missed.delete(name);
    const anew = await this.#judgeAge(info);
    if (anew !== null) return { faults: [anew], firm: !vital };
    if (name === this.#state) {
      this.#measure(info);
      await this.#lookForChange();
    }
    return name === this.#targets ? FIT : { faults: compareStream(spec, info.config).faults, firm: true };
  }

  /** The stream of targets is there only where something is captured. */
  #isExpected(name: string): boolean {
    return name !== this.#targets || this.#created.has(name);
  }

  /** One that was made anew counts from the next look on, if it holds what the former one held. */
  async #judgeAge({ config: { name }, created, state }: StreamInfo): Promise<string | null> {
    const before = this.#created.get(name);
    if (before === undefined || before === created) {
      this.#created.set(name, created);
      return null;
    }
    const { names, api } = this.#deps;
    const empty =
      name === this.#state
        ? (await readInstallation({ api, names })) === null
        : name === names.keys.stream(names.buckets.schedules) && state.messages === 0;
    if (!empty) this.#created.set(name, created);
    return empty
      ? `${name} was made anew and is empty; restore it, or start the workers anew`
      : `${name} was made anew`;
  }

  async #lookForChange(): Promise<void> {
    const record = await readInstallation(this.#deps);
    const wayOn = record && supersededBy(record, this.#installation);
    if (wayOn !== null) this.#superseded.resolve(wayOn);
  }

  #measure({ config: { max_bytes }, state: { bytes } }: StreamInfo): void {
    const reserved = Math.max(max_bytes * RESERVED_SHARE, RESERVED_BYTES_MIN);
    this.#freeBytes = max_bytes > 0 ? max_bytes - reserved - bytes : Number.POSITIVE_INFINITY;
  }

  #say(faults: readonly string[]): void {
    const { clock, tell } = this.#deps;
    const changed = faults.join("\n") !== this.#faults.join("\n");
    this.#faults = faults;
    if (faults.length === 0) {
      if (changed) tell({ kind: "streams.fit" });
    } else if (changed || clock.monotonicMs() - this.#toldAtMs >= TELL_EVERY_MS) {
      this.#toldAtMs = clock.monotonicMs();
      tell({ kind: "streams.unfit", faults });
    }
  }
}
