/** A client that asks again where it was told that the outcome is not known yet, as clients should. */

import { CarillonError, type Client } from "@carillon/contracts/client";

const TRIES_MAX = 10;

/** For what comes to the same when it is made twice. */
export const patient = (client: Client): Pick<Client, "create"> => ({
  create: (...given) => again(() => client.create(...given)),
});

async function again<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  for (let left = TRIES_MAX; ; left--) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof CarillonError) || !error.retryable || left === 0) throw error;
    }
  }
}
