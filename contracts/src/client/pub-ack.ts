/*
 * Reads JetStream's answer to a publish. A service that answers the command writes to the same inbox, so
 * only an answer that names stream and sequence counts.
 */
import { type CarillonError, failure } from "./carillon-error.ts";

/** A command that JetStream has stored. */
export interface Stored {
  readonly stream: string;
  readonly seq: number;
  /** The stream had this commandId already: the first one counts. */
  readonly duplicate: boolean;
  readonly commandId: string;
}

interface PubAck {
  readonly stream?: unknown;
  readonly seq?: unknown;
  readonly duplicate?: unknown;
  readonly error?: { readonly err_code?: unknown; readonly code?: unknown; readonly description?: unknown };
}

/** JetStream's codes for a full stream (10077) and for an account or server out of storage. */
const FULL = [10077, 10047, 10023];

export const readPubAck = (answer: unknown, commandId: string): Stored => {
  const ack: PubAck = typeof answer === "object" && answer !== null ? answer : {};
  if (ack.error !== undefined) throw refused(ack.error, commandId);
  if (typeof ack.stream === "string" && typeof ack.seq === "number") {
    return { stream: ack.stream, seq: ack.seq, duplicate: ack.duplicate === true, commandId };
  }
  throw failure("outcome_unknown", "somebody else answered before JetStream did", commandId);
};

const refused = (
  { err_code, code, description }: NonNullable<PubAck["error"]>,
  commandId: string,
): CarillonError => {
  const words = `JetStream refused the command: ${String(description)} (${String(err_code ?? code)})`;
  if (FULL.some((known) => known === err_code)) return failure("storage_full", words, commandId);
  return failure(code === 503 ? "partition_unavailable" : "internal_error", words, commandId);
};
