/**
 * What a creation stores, and nothing else: definition, state and event one after the other, byte for byte as a worker stored some,
 * in streams of the same kind. A real creation can be no cheaper, as long as each waits for the one before.
 */

import { DEFAULT_TENANT, names } from "@carillon/contracts";
import { startNats } from "@carillon/local";
import type { JetStreamManager } from "@nats-io/jetstream";
import { connect, type NatsConnection } from "@nats-io/transport-node";
import { encodeHeaders } from "../../services/scheduler/src/adapters/nats/encoded-headers.ts";
import { PARTITIONS } from "../support/sharing.ts";
import { patientManager } from "./patient-manager.ts";
import { Pipe } from "./pipe.ts";

const { streams, buckets, keys, event } = names();
const PREFIX = "bare.";
/** Creations in turn, of all kinds. */
const MODELS_MAX = 100;
/** More under way make it no faster. */
const WINDOW_MAX = 1_000;

interface Step {
  readonly stream: string;
  readonly subjectOf: (n: number) => string;
  readonly headersOf: (n: number) => Readonly<Record<string, string>>;
  readonly bodies: readonly Uint8Array[];
}

const created = (scheduleId: string): string =>
  event.build({ tenant: DEFAULT_TENANT, entity: "schedule", what: "created", scheduleId });
const keyOf = (n: number): string =>
  keys.schedule.build({ partition: n % PARTITIONS, tenant: DEFAULT_TENANT, scheduleId: `bare-${n}` });

/** In the order in which they are stored. */
const KINDS: readonly Omit<Step, "bodies">[] = [
  {
    stream: keys.stream(buckets.schedules),
    subjectOf: (n) => keys.subject(buckets.schedules, keyOf(n)),
    headersOf: () => ({}),
  },
  {
    stream: keys.stream(buckets.state),
    subjectOf: (n) => keys.subject(buckets.state, keyOf(n)),
    headersOf: () => ({ "Nats-Expected-Last-Subject-Sequence": "0" }),
  },
  {
    stream: streams.audit,
    subjectOf: (n) => created(`bare-${n}`),
    headersOf: (n) => ({
      "Nats-Msg-Id": `bare-creation-of-a-schedule-${n}`,
      "content-type": "application/cloudevents+json",
    }),
  },
];

/** Streams filled with what creations store. Their subjects have a prefix, so that nobody takes it for schedules. */
export class BareCreations {
  readonly #pipe: Pipe;
  readonly #steps: readonly Step[];
  #count = 0;

  private constructor(nc: NatsConnection, steps: readonly Step[]) {
    this.#pipe = new Pipe(nc, WINDOW_MAX);
    this.#steps = steps;
  }

  /** `from` has an installation in which something was created lately; `to` is where streams of the same kind are made. */
  static async open(from: NatsConnection, to: NatsConnection): Promise<BareCreations> {
    const [source, target] = await Promise.all([patientManager(from), patientManager(to)]);
    const steps: Step[] = [];
    for (const kind of KINDS) {
      const { config } = await source.streams.info(kind.stream);
      const subjects = config.subjects.map((subject) => PREFIX + subject);
      await target.streams.add({ ...config, name: `BARE_${config.name}`, subjects });
      steps.push({ ...kind, bodies: await newestOf(source, kind.stream) });
    }
    return new BareCreations(to, steps);
  }

  /** Resolves when one more is stored. */
  one(): Promise<void> {
    return new Promise((resolve) => this.#store(this.#count++, 0, resolve));
  }

  /** Resolves to how many a second, over `count` of them. */
  async many(count: number): Promise<number> {
    const startedMs = performance.now();
    for (let n = 0; n < count; n++) {
      await this.#pipe.room();
      this.#store(this.#count++, 0, () => {});
    }
    await this.#pipe.empty();
    return (count * 1_000) / (performance.now() - startedMs);
  }

  #store(n: number, place: number, done: () => void): void {
    const step = this.#steps[place];
    if (step === undefined) {
      done();
      return;
    }
    const headers = encodeHeaders(null, step.headersOf(n));
    const subject = PREFIX + step.subjectOf(n);
    const letter = { subject, data: step.bodies[n % step.bodies.length] ?? "" };
    this.#pipe.send(headers === null ? letter : { ...letter, headers }, () =>
      this.#store(n, place + 1, done),
    );
  }
}

/** Bodies of the last messages of a stream. */
async function newestOf(manager: JetStreamManager, stream: string): Promise<Uint8Array[]> {
  const { last_seq: last } = (await manager.streams.info(stream)).state;
  const bodies: Uint8Array[] = [];
  for (let seq = last; seq > Math.max(0, last - MODELS_MAX); seq--) {
    const message = await manager.streams.getMessage(stream, { seq });
    if (message !== null) bodies.push(message.data);
  }
  return bodies;
}

/** How many a second, on a server of its own. */
export async function bareCreationsPerSecond(from: NatsConnection, count: number): Promise<number> {
  const server = await startNats({ ignoreEnvironment: true });
  const to = await connect({ servers: server.url, noAsyncTraces: true });
  try {
    return await (await BareCreations.open(from, to)).many(count);
  } finally {
    await to.close();
    await server.stop();
  }
}
