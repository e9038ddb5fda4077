/**
 * Gets one message into its stream exactly once, as far as that can be known. Within half of the stream's duplicate window a repeat is
 * harmless, so the publisher repeats; after that the stream is searched for the message id first, and the message is sent only if it is
 * not there.
 */

import type { Delivered } from "@carillon/contracts";
import type { EpochMs } from "../domain/instant.ts";
import type { RefusalReason } from "../domain/settle.ts";
import { pause } from "./pause.ts";
import {
  type Clock,
  type Finder,
  type Guard,
  type Message,
  OWN_LANE,
  type Publisher,
  type Receipt,
  type StreamFacts,
} from "./ports.ts";
import type { Tell } from "./signals.ts";

export type Delivery =
  | { kind: "delivered"; delivered: Delivered }
  | { kind: "refused"; reason: RefusalReason; message: string };

export interface Parcel {
  /** The same each time: written again where it is needed again, so that nobody keeps it while it is under way. */
  message: () => Message;
  /** Of an event: the same in fewer words, for where NATS takes no message as long; absent: there are none. */
  brief?: () => Message;
  /** When it was first promised: a search begins here, and its age counts from here. */
  promisedAt: EpochMs;
  /** How long ago it may have been sent first. */
  ageMs: number;
  guard: Guard;
}

/** Clocks of servers and workers differ by less than this; a search begins so much earlier. */
const SKEW_MAX_MS = 60_000;

/** Where the stream is unknown, its window is taken to be the server's default. */
const WINDOW_DEFAULT_MS = 120_000;

/** One of Carillon's own streams refused an event: how long until it is tried again, and told again. */
const REFUSED_REPORT_PAUSE_MS = 1_000;

/** The lane of a subject that no stream is known to capture. */
const UNCAPTURED_LANE = "uncaptured";

export class Courier {
  readonly #publisher: Publisher;
  readonly #finder: Finder;

  readonly #clock: Clock;
  readonly #tell: Tell;
  /** When operators were last told of a stream that refuses, by its name. */
  readonly #complainedAtMs = new Map<string, number>();

  constructor(deps: { publisher: Publisher; finder: Finder; clock: Clock; tell: Tell }) {
    this.#publisher = deps.publisher;
    this.#finder = deps.finder;
    this.#clock = deps.clock;
    this.#tell = deps.tell;
  }

  /** The lane that a target's subject takes; a guess until its stream is known. */
  laneOf(subject: string): string {
    return this.#finder.known(subject)?.name ?? UNCAPTURED_LANE;
  }

  /** To a target: a stream must have it. */
  deliver(parcel: Parcel): Promise<Delivery> {
    const message = parcel.message();
    const facts = this.#finder.known(message.subject) ?? null;
    return facts === null
      ? this.#finder
          .streamOf(message.subject)
          .then((found) => this.#send(parcel, message, found, found?.name ?? UNCAPTURED_LANE))
      : this.#send(parcel, message, facts, facts.name);
  }

  /** To one of Carillon's own streams, which must take it: a refusal is an operator's to mend, and is waited out. */
  report(parcel: Parcel): Promise<void> {
    const message = parcel.message();
    const facts = this.#finder.known(familyOf(message.subject)) ?? null;
    if (facts === null) return this.#insist(parcel, null);
    return this.#send(parcel, message, facts, OWN_LANE).then((delivery) =>
      delivery.kind === "delivered" ? undefined : this.#insist(parcel, delivery),
    );
  }

  /** `refusal`: what became of it so far; null: it was not sent. */
  async #insist(parcel: Parcel, refusal: Delivery | null): Promise<void> {
    let { message, brief } = parcel;
    const { subject } = message();
    for (let delivery = refusal; ; delivery = null) {
      const facts = await this.#finder.streamOf(familyOf(subject));
      delivery ??= await this.#send({ ...parcel, message }, message(), facts, OWN_LANE);
      if (delivery.kind === "delivered") return;
      if (delivery.reason === "too_large" && brief !== undefined) {
        message = brief;
        brief = undefined;
        continue;
      }
      this.#complain(facts?.name ?? "", `${subject}: ${delivery.reason}: ${delivery.message}`);
      await pause(this.#clock, REFUSED_REPORT_PAUSE_MS);
    }
  }

  /** A stream that is full has everything wait, and one line says as much as a thousand. */
  #complain(stream: string, message: string): void {
    const nowMs = this.#clock.monotonicMs();
    if (nowMs - (this.#complainedAtMs.get(stream) ?? Number.NEGATIVE_INFINITY) < REFUSED_REPORT_PAUSE_MS)
      return;
    this.#complainedAtMs.set(stream, nowMs);
    this.#tell({ kind: "warning", message });
  }

  /** To whoever listens; the server has it. */
  async deliverCore({ message, guard }: Parcel): Promise<Delivery> {
    return deliveryOf(await this.#publisher.sendCore(message(), guard), {});
  }

  /** Whether a stream holds the message already; `complete` false: absence proves nothing. */
  async search(parcel: Parcel, facts: StreamFacts): Promise<{ sequence: number | null; complete: boolean }> {
    const message = parcel.message();
    const id = message.id ?? "";
    const { found, complete } = await this.#finder.find({
      stream: facts.name,
      subject: message.subject,
      since: parcel.promisedAt - SKEW_MAX_MS,
      ids: new Set([id]),
    });
    return { sequence: found.get(id) ?? null, complete: complete && !facts.workQueue };
  }

  /** `message`: the parcel's. */
  #send(parcel: Parcel, message: Message, facts: StreamFacts | null, lane: string): Promise<Delivery> {
    if (parcel.ageMs > 0) return this.#sendOn(parcel, facts, lane, null);
    const { guard } = parcel;
    const patienceMs = halfWindowOf(facts);
    return this.#publisher
      .send(message, { lane, guard, patienceMs })
      .then((receipt) =>
        receipt.kind === "stored"
          ? deliveryOf(receipt, NO_EXTRA)
          : this.#sendOn(parcel, facts, lane, receipt),
      );
  }

  /** `first`: what was heard of it so far; null: nothing. */
  async #sendOn(
    parcel: Parcel,
    facts: StreamFacts | null,
    lane: string,
    first: Receipt | null,
  ): Promise<Delivery> {
    const halfWindowMs = halfWindowOf(facts);
    let patienceMs = halfWindowMs - parcel.ageMs;
    let doubtful = parcel.ageMs > 0;
    const extra: { verified?: boolean } = {};
    for (let known = first; ; known = null) {
      if (known === null && patienceMs <= 0 && facts !== null) {
        const { delivery, complete } = await this.#look(parcel, facts);
        if (delivery !== null) return delivery;
        if (!complete) extra.verified = false;
      }
      if (patienceMs <= 0) patienceMs = halfWindowMs;
      const { message, guard } = parcel;
      const receipt = known ?? (await this.#publisher.send(message(), { lane, guard, patienceMs }));
      if (receipt.kind === "refused" && (doubtful || receipt.doubtful === true) && facts !== null) {
        // What was sent before may have been stored before the refusals began.
        const { delivery } = await this.#look(parcel, facts);
        if (delivery !== null) return delivery;
      }
      if (receipt.kind !== "unknown") return deliveryOf(receipt, extra);
      doubtful = true;
      patienceMs = 0;
    }
  }

  /** Null: the stream does not hold it, as far as can be seen. */
  async #look(parcel: Parcel, facts: StreamFacts): Promise<{ delivery: Delivery | null; complete: boolean }> {
    const { sequence, complete } = await this.search(parcel, facts);
    if (sequence === null) return { delivery: null, complete };
    return {
      delivery: { kind: "delivered", delivered: { stream: facts.name, sequence, duplicate: true } },
      complete,
    };
  }
}

const halfWindowOf = (facts: StreamFacts | null): number =>
  (facts?.duplicateWindowMs ?? WINDOW_DEFAULT_MS) / 2;

const NO_EXTRA = {};

/** Events of all schedules go where those of one go, so what is known of one subject is known of its kind. */
const familyOf = (subject: string): string => `${subject.slice(0, subject.lastIndexOf("."))}._`;

function deliveryOf(receipt: Receipt, extra: { verified?: boolean }): Delivery {
  switch (receipt.kind) {
    case "stored": {
      const { stream, sequence, duplicate } = receipt;
      return {
        kind: "delivered",
        delivered: stream === "" ? extra : { stream, sequence, duplicate, ...extra },
      };
    }
    case "refused":
      return { kind: "refused", reason: receipt.code, message: receipt.description };
    case "unknown":
      return { kind: "refused", reason: "unknown", message: "no answer" };
  }
}
