/** What is used here of redlock 4.2.0, which declares no types of its own. */

declare module "redlock" {
  class Redlock {
    constructor(clients: readonly Redlock.Client[], options: Redlock.Options);
    /** Rejects with LockError where no quorum agreed; before that it deletes what it has locked. */
    lock(resource: string, ttlMs: number): PromiseLike<Redlock.Lock>;
    /** The same, and also deletes: the former lock is gone. Rejects as well once `expiration` has passed. */
    extend(lock: Redlock.Lock, ttlMs: number): PromiseLike<Redlock.Lock>;
    /** Rejects with LockError where no quorum had it. */
    unlock(lock: Redlock.Lock): PromiseLike<void>;
  }

  namespace Redlock {
    class LockError extends Error {}

    interface Options {
      readonly retryCount: number;
      /** Replaces the script that it is given. */
      readonly extendScript?: (script: string) => string;
    }

    interface Lock {
      readonly resource: string | readonly string[];
      /** The token that the nodes keep under the key. */
      readonly value: string;
      /** Epoch milliseconds, by the wall clock. */
      readonly expiration: number;
    }

    type Answered = (error: Error | null, reply?: unknown) => void;

    /** What it calls of a client. */
    interface Client {
      evalsha(sha: string, args: readonly (string | number)[], answered: Answered): void;
      /** The script is the first of `args`. */
      eval(args: readonly (string | number)[], answered: Answered): void;
    }
  }

  export = Redlock;
}
