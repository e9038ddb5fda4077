/**
 * One question of redlock's to all nodes, and what came of it. redlock says only whether a quorum agreed; whether somebody else has the key
 * or too few nodes answered makes the difference between waiting for him and asking again, so what each node says first is kept here.
 *
 * Three things that redlock 4.2.0 does must not happen. It retries by itself: `retryCount` is 0. It extends nothing that has expired by the
 * wall clock, which may have been set: to it our locks never expire, since their holders go by the monotonic clock. And it deletes what
 * it could not extend, on nodes where the holder still believes in it: there it is not let through.
 *
 * And one thing that it does not do: a node that comes back without its keys would lack them for as long as they are held, and the next
 * node to fail would cost every lease. So where a quorum has granted an extension, nodes without the key are given it again.
 */

import Redlock from "redlock";
import { quorumOf } from "./connection.ts";
import { type Answered, codeOf, type RedisNode } from "./node.ts";

type Nodes = readonly RedisNode[];

export type Outcome =
  | { readonly kind: "granted"; readonly lock: Redlock.Lock }
  | {
      readonly kind: "refused";
      /** So many said no that the same question can have no other answer. */
      readonly settled: boolean;
      /** A quorum said something. */
      readonly heard: boolean;
      /** Why the others said nothing. */
      readonly errors: readonly Error[];
    };

/** Takes a key that nobody holds. What is granted by too few nodes is deleted there, as far as they can be reached. */
export const take = (nodes: Nodes, key: string, ttlMs: number): Promise<Outcome> =>
  new Ballot(nodes, { asksOnce: false }).hold((redlock) => redlock.lock(key, ttlMs));

/** Prolongs what a quorum still holds. */
export async function extend(nodes: Nodes, lock: Redlock.Lock, ttlMs: number): Promise<Outcome> {
  const ballot = new Ballot(nodes, { asksOnce: true });
  const outcome = await ballot.hold((redlock) => redlock.extend(lasting(lock), ttlMs));
  const without = ballot.naysayers();
  if (outcome.kind === "granted" && without.length > 0) {
    const giving = new Ballot(without, { asksOnce: true, extendScript: TAKE_IF_FREE });
    await giving.hold((redlock) => redlock.extend(lasting(lock), ttlMs));
  }
  return outcome;
}

/** Deletes the key where it is still ours. Nodes that cannot be reached keep it until it expires. */
export const give = async (nodes: Nodes, lock: Redlock.Lock): Promise<void> => {
  await new Ballot(nodes, { asksOnce: true }).hold(async (redlock) => {
    await redlock.unlock(lasting(lock));
    return lock;
  });
};

/** A copy, since redlock writes into what it is given. */
const lasting = ({ resource, value }: Redlock.Lock): Redlock.Lock => ({
  resource,
  value,
  expiration: Number.POSITIVE_INFINITY,
});

/** In the place of redlock's script for extending, and with its arguments. */
const TAKE_IF_FREE = `
  if redis.call("exists", KEYS[1]) == 1 then return 0 end
  redis.call("set", KEYS[1], ARGV[1], "PX", ARGV[2])
  return 1
`;

/** The answer of redlock's scripts: the number of keys that they did it to. */
const DONE = 1;
/** The node does not know the script yet, and is sent it. */
const UNKNOWN_SCRIPT = "NOSCRIPT";

class Ballot {
  readonly #nodes: Nodes;
  readonly #asksOnce: boolean;
  readonly #options: Redlock.Options;
  /** Whether it agreed, or why it did not say. */
  readonly #said = new Map<RedisNode, boolean | Error>();

  constructor(nodes: Nodes, how: { asksOnce: boolean; extendScript?: string }) {
    const { asksOnce, extendScript } = how;
    this.#nodes = nodes;
    this.#asksOnce = asksOnce;
    this.#options = {
      retryCount: 0,
      ...(extendScript === undefined ? {} : { extendScript: () => extendScript }),
    };
  }

  /** Nodes that do not agree. */
  naysayers(): RedisNode[] {
    return this.#nodes.filter((node) => this.#said.get(node) === false);
  }

  async hold(ask: (redlock: Redlock) => PromiseLike<Redlock.Lock>): Promise<Outcome> {
    const voters = this.#nodes.map((node) => this.#voterFor(node));
    try {
      return { kind: "granted", lock: await ask(new Redlock(voters, this.#options)) };
    } catch (error) {
      if (error instanceof Redlock.LockError) return this.#refused();
      throw error;
    }
  }

  #refused(): Outcome {
    const said = [...this.#said.values()];
    const errors = said.filter((answer) => answer instanceof Error);
    const noes = this.naysayers().length;
    const quorum = quorumOf(this.#nodes);
    const heard = said.length - errors.length >= quorum;
    return { kind: "refused", settled: this.#nodes.length - noes < quorum, heard, errors };
  }

  #voterFor(node: RedisNode): Redlock.Client {
    return {
      evalsha: (sha, args, answered) => {
        if (this.#asksOnce && this.#said.has(node)) answered(null, 0);
        else node.ask("EVALSHA", [sha, ...args], this.#hearing(node, answered));
      },
      eval: (args, answered) => node.ask("EVAL", args, this.#hearing(node, answered)),
    };
  }

  #hearing(node: RedisNode, answered: Answered): Answered {
    return (error, reply) => {
      if (!this.#said.has(node) && codeOf(error) !== UNKNOWN_SCRIPT) {
        this.#said.set(node, error ?? reply === DONE);
        if (error !== null) node.complain(error);
      }
      answered(error, reply);
    };
  }
}
