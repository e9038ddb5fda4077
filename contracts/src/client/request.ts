/*
 * One request over NATS and what its failure means. Errors are told apart by name, since an application may
 * hold more than one copy of the NATS library.
 */
import { headers, type MsgHdrs, type NatsConnection } from "@nats-io/nats-core";
import { isName } from "../subjects/index.ts";
import { type CarillonError, failure } from "./carillon-error.ts";

export interface Question {
  readonly subject: string;
  /** Undefined: an empty body. */
  readonly body: unknown;
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** Null: it changes nothing, so a lost answer leaves nothing unknown. */
  readonly commandId: string | null;
  readonly timeoutMs: number;
}

/** The JSON of the first answer; throws CarillonError where none came. */
export const ask = async (nc: NatsConnection, question: Question): Promise<unknown> => {
  const { subject, body, timeoutMs, commandId } = question;
  const payload = body === undefined ? "" : JSON.stringify(body);
  try {
    const answer = await nc.request(subject, payload, {
      timeout: timeoutMs,
      headers: headersOf(question.headers),
    });
    return answer.json<unknown>();
  } catch (error) {
    throw meaningOf(error, subject, commandId) ?? error;
  }
};

const headersOf = (values: Question["headers"]): MsgHdrs => {
  const made = headers();
  for (const [name, value] of Object.entries(values)) {
    if (value !== undefined) made.set(name, value);
  }
  return made;
};

const meaningOf = (error: unknown, subject: string, commandId: string | null): CarillonError | null => {
  const names = namesOf(error);
  if (names.includes("NoResponders")) {
    return failure("partition_unavailable", `nobody listens on ${subject}`, commandId, error);
  }
  if (!names.includes("TimeoutError") && !names.includes("SyntaxError")) return null;
  const code = commandId === null ? "partition_unavailable" : "outcome_unknown";
  return failure(code, `no usable answer on ${subject}`, commandId, error);
};

/** Nobody is there, or nobody answered in time. */
export const isUnanswered = (error: unknown): boolean =>
  namesOf(error).some((name) => name.startsWith("NoResponders") || name === "TimeoutError");

const namesOf = (error: unknown): string[] =>
  error instanceof Error ? [error.name, ...namesOf(error.cause)] : [];

/** Refuses a token outside the grammar before it becomes part of a subject. */
export const assertName = (what: string, token: string): void => {
  if (isName(token)) return;
  const shown = JSON.stringify(String(token).slice(0, 60));
  throw failure("bad_subject", `${what} ${shown}: expected 1 to 64 of A-Z a-z 0-9 _ -`, null);
};
