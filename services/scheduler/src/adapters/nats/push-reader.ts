/**
 * Reads part of a stream once, from its beginning to what is its end at that moment. An ephemeral push consumer is
 * the fastest way (about 200,000 messages a second) but ends nowhere by itself, and a broken link looks like an end.
 * So the pass counts deliveries and begins anew after any gap, and it is complete when the last message, as the
 * stream's leader names it after the consumer was made, has arrived. Where that one was deleted meanwhile, or the
 * consumer lives on a replica that lags, the leader is asked again at each heartbeat of the idle consumer. The
 * server's count of pending messages is not believed: it is wrong for some filters.
 */

import type { ConsumerInfo } from "@nats-io/jetstream";
import { createInbox, type Msg } from "@nats-io/nats-core";
import { pause } from "../../app/pause.ts";
import { Abandoned, type Cancel, type Clock } from "../../app/ports.ts";
import type { Link } from "./connection.ts";
import { type Delivery, readDelivery } from "./delivery.ts";
import { heardHeaders } from "./heard-headers.ts";
import type { JsApi } from "./js-api.ts";

export type PushReaderDeps = { clock: Clock; link: Link; api: JsApi; inboxPrefix: string };

export interface Pass {
  stream: string;
  /** Deliver policy and filters, as the server's API spells them. */
  consumer: Readonly<Record<string, unknown>>;
  /** Sequence of the last message that the pass delivers, by the leader's word; 0: there is none. */
  lastSequence(): Promise<number>;
  /**
   * A message may be replaced while the pass is on its way, and lie behind what was its end then: the end is asked for once more when it
   * has been reached, and what is stored after that is delivered as it comes.
   */
  readonly replaced?: boolean;
  /** Each message once a pass, in stream order. True: enough, the pass may end here. */
  each(message: Msg, delivery: Delivery): boolean | undefined;
  /** The pass begins anew: forget what has come so far. */
  restarted(): void;
}

/** Nanoseconds a millisecond, as durations in the API are counted. */
const NANOS = 1_000_000;
/** The shortest heartbeat that the server allows; how long the end of a filtered pass takes to be sure. */
const HEARTBEAT_MS = 100;
/** Without message or heartbeat for so long, the consumer is gone, and the pass begins anew. */
const SILENCE_MS_MAX = 3_000;
const RETRY_MS = 100;
/** An abandoned consumer is removed by the server after so long. */
const INACTIVE_MS = 10_000;
const STATUS_CONTROL = 100;
/** Of the consumer: the end of an inbox, which is counted from a random number on. */
const NAME_CHARACTERS = 10;

export async function readToEnd(deps: PushReaderDeps, pass: Pass): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    if (deps.link.closed()) throw new Abandoned(`closed while reading ${pass.stream}`);
    if (attempt > 0) {
      await pause(deps.clock, RETRY_MS);
      pass.restarted();
    }
    if (await new Attempt(deps, pass).run()) return;
  }
}

/** One consumer; `run` answers whether it reached the end. */
class Attempt {
  readonly #deps: PushReaderDeps;
  readonly #pass: Pass;
  readonly #endings: Cancel[] = [];
  #finish: (complete: boolean) => void = () => {};
  /** Deliveries that arrived; the next one must carry the next number. */
  #received = 0;
  /** The pass ends once a message at or beyond this sequence has arrived; not known at first. */
  #lastSequence = Number.POSITIVE_INFINITY;
  #lastReceived = 0;
  #asking = false;
  #askedAgain = false;
  #heardAtMs = 0;
  /** Set when an exception of the pass's own code ends the attempt. */
  #failure: unknown = null;

  constructor(deps: PushReaderDeps, pass: Pass) {
    this.#deps = deps;
    this.#pass = pass;
  }

  async run(): Promise<boolean> {
    const ended = new Promise<boolean>((resolve) => {
      this.#finish = resolve;
    });
    try {
      await Promise.race([this.#open(), ended]);
      const complete = await ended;
      if (this.#failure !== null) throw this.#failure;
      return complete;
    } finally {
      for (const end of this.#endings) end();
    }
  }

  async #open(): Promise<void> {
    const { link, api, clock } = this.#deps;
    this.#heardAtMs = clock.monotonicMs();
    this.#endings.push(link.onDrop(() => this.#finish(false)));
    const inbox = createInbox(this.#deps.inboxPrefix);
    this.#endings.push(
      link.listen(
        inbox,
        (message) => this.#receive(message),
        () => this.#finish(false),
      ),
    );
    // Each delivery names its consumer, and is read character by character.
    const name = inbox.slice(-NAME_CHARACTERS);
    await api.ask<ConsumerInfo>(`CONSUMER.CREATE.${this.#pass.stream}.${name}`, this.#request(name, inbox));
    this.#endings.push(() => void this.#delete(name));
    this.#watchSilence();
    await this.#askEnd();
  }

  async #askEnd(): Promise<void> {
    this.#asking = true;
    this.#lastSequence = await this.#pass.lastSequence();
    this.#asking = false;
    this.#arrive();
  }

  /** Whether the end has been reached. */
  #arrive(): void {
    if (this.#lastReceived < this.#lastSequence) return;
    if (this.#pass.replaced !== true || this.#askedAgain) {
      this.#finish(true);
      return;
    }
    this.#askedAgain = true;
    this.#lastSequence = Number.POSITIVE_INFINITY;
    this.#askEnd().catch(this.#fail);
  }

  #request(name: string, inbox: string): object {
    const config = {
      name,
      deliver_subject: inbox,
      ack_policy: "none",
      max_deliver: 1,
      flow_control: true,
      idle_heartbeat: HEARTBEAT_MS * NANOS,
      inactive_threshold: INACTIVE_MS * NANOS,
      mem_storage: true,
      num_replicas: 1,
      ...this.#pass.consumer,
    };
    return { stream_name: this.#pass.stream, config, action: "create" };
  }

  #receive(message: Msg): void {
    this.#heardAtMs = this.#deps.clock.monotonicMs();
    if (heardHeaders(message).code === STATUS_CONTROL) {
      this.#onControl(message);
      return;
    }
    const delivery = readDelivery(message.reply);
    if (delivery === null) return;
    if (delivery.consumerSequence !== this.#received + 1) {
      this.#finish(false);
      return;
    }
    this.#received++;
    this.#lastReceived = delivery.streamSequence;
    try {
      if (this.#pass.each(message, delivery) === true) {
        this.#finish(true);
        return;
      }
    } catch (error) {
      this.#fail(error);
      return;
    }
    this.#arrive();
  }

  /** Flow control waits for our answer; a heartbeat tells how far the server is. */
  #onControl(message: Msg): void {
    const stalled = message.headers?.get("Nats-Consumer-Stalled") ?? "";
    const answerTo = message.reply ?? "";
    if (answerTo !== "") this.#deps.link.nc.publish(answerTo);
    else if (stalled !== "") this.#deps.link.nc.publish(stalled);
    else {
      const delivered = Number(message.headers?.get("Nats-Last-Consumer"));
      if (delivered > this.#received) this.#finish(false);
      else if (!this.#asking && this.#lastSequence !== Number.POSITIVE_INFINITY)
        this.#askEnd().catch(this.#fail);
    }
  }

  readonly #fail = (error: unknown): void => {
    this.#failure = error;
    this.#finish(false);
  };

  #watchSilence(): void {
    const { clock } = this.#deps;
    const look = (): void => {
      if (clock.monotonicMs() - this.#heardAtMs > SILENCE_MS_MAX) {
        this.#finish(false);
        return;
      }
      cancel = clock.after(SILENCE_MS_MAX, look);
    };
    let cancel = clock.after(SILENCE_MS_MAX, look);
    this.#endings.push(() => cancel());
  }

  async #delete(name: string): Promise<void> {
    // A courtesy: the server removes it by itself when nobody listens.
    const { link, api } = this.#deps;
    if (!link.up()) return;
    await api
      .request(`$JS.API.CONSUMER.DELETE.${this.#pass.stream}.${name}`, "", null, SILENCE_MS_MAX)
      .catch(() => {});
  }
}
