/** A client that asks again where it was told that the outcome is not known yet, as clients should. */

import { CarillonError, type Client } from "@carillon/contracts/client";
import { again } from "./again.ts";

/** For what comes to the same when it is made twice. */
export const patient = (client: Client): Pick<Client, "create"> => ({
  create: (...given) => again(() => client.create(...given), isRetryable),
});

const isRetryable = (error: unknown): boolean => error instanceof CarillonError && error.retryable;
