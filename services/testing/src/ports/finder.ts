/** Looks into the streams of a server in memory. Answers are remembered for half a minute, as those of the real finder. */

import type { Clock, Finder, Guard, StreamFacts } from "../../../scheduler/src/app/ports.ts";
import type { MemoryServer } from "../server/memory-server.ts";
import type { MemoryStream } from "../server/stream.ts";
import type { Wire } from "../wire.ts";

const REMEMBERED_MS = 30_000;
const ALWAYS: Guard = () => true;

interface Answer {
  readonly stream: MemoryStream | null;
  readonly askedAtMs: number;
}

export class MemoryFinder implements Finder {
  readonly #server: MemoryServer;
  readonly #wire: Wire;
  readonly #clock: Clock;
  readonly #answers = new Map<string, Answer>();
  readonly #asking = new Map<string, Promise<void>>();

  constructor({ server, wire, clock }: { server: MemoryServer; wire: Wire; clock: Clock }) {
    this.#server = server;
    this.#wire = wire;
    this.#clock = clock;
  }

  async streamOf(subject: string, fresh = false): Promise<StreamFacts | null> {
    const known = fresh ? undefined : this.known(subject);
    if (known !== undefined) return known;
    await this.#ask(subject);
    return this.#recall(subject) ?? null;
  }

  known(subject: string): StreamFacts | null | undefined {
    const facts = this.#recall(subject);
    if (facts === undefined) void this.#ask(subject);
    return facts;
  }

  async find(search: { stream: string; subject: string; since: number; ids: ReadonlySet<string> }) {
    return (
      (await this.#wire.request(() => this.#search(search), ALWAYS)) ?? { found: new Map(), complete: false }
    );
  }

  /** What one stream captures no other does, so a subject that was never asked for is known with its stream. */
  #recall(subject: string): StreamFacts | null | undefined {
    const answer = this.#answers.get(subject);
    const young = answer !== undefined && this.#clock.monotonicMs() - answer.askedAtMs < REMEMBERED_MS;
    if (answer?.stream === null) return young ? null : undefined;
    if (answer !== undefined && !young) void this.#ask(subject);
    if (answer !== undefined) return factsOf(answer.stream);
    for (const { stream, askedAtMs } of this.#answers.values()) {
      if (stream?.captures(subject) !== true) continue;
      this.#answers.set(subject, { stream, askedAtMs });
      return factsOf(stream);
    }
    return undefined;
  }

  #ask(subject: string): Promise<void> {
    const asking =
      this.#asking.get(subject) ??
      this.#wire
        .request(() => this.#server.capturing(subject), ALWAYS)
        .then((stream) => {
          this.#answers.set(subject, { stream, askedAtMs: this.#clock.monotonicMs() });
          this.#asking.delete(subject);
        });
    this.#asking.set(subject, asking);
    return asking;
  }

  #search({ stream: name, subject, since, ids }: Parameters<Finder["find"]>[0]) {
    const found = new Map<string, number>();
    const stream = this.#server.stream(name);
    if (stream === null || stream.settings.workQueue === true) return { found, complete: false };
    for (const message of stream.messages) {
      const fits = message.subject === subject && message.storedAt >= since;
      if (fits && message.id !== null && ids.has(message.id) && !found.has(message.id))
        found.set(message.id, message.sequence);
    }
    return { found, complete: found.size === ids.size || stream.reachesBack(since) };
  }
}

const factsOf = ({ settings }: MemoryStream): StreamFacts => ({
  name: settings.name,
  duplicateWindowMs: settings.duplicateWindowMs,
  workQueue: settings.workQueue === true,
});
