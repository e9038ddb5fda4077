/**
 * Reads a message that arrived in the ack inbox. Anybody who listens on a target's subject may answer there too, so
 * only a JSON PubAck with `stream` and `seq`, or a JetStream error with its number, counts; the rest is foreign.
 */

export type Answer =
  | { kind: "stored"; stream: string; sequence: number; duplicate: boolean }
  | { kind: "error"; apiCode: number; httpCode: number; description: string }
  /** Status 503 of the server: nobody, not even a stream, listens on the subject now. */
  | { kind: "nobody" }
  | { kind: "foreign" };

interface Reply {
  data: Uint8Array;
  headers?: { code: number };
}

const NO_RESPONDERS = 503;
/** JetStream's own error numbers lie in this range. */
const API_CODE_MIN = 10_000;
const API_CODE_MAX = 10_999;
const FOREIGN: Answer = { kind: "foreign" };
const NOBODY: Answer = { kind: "nobody" };
/** `{`: every answer of JetStream is a JSON object, so anything else need not be parsed. */
const BRACE = 0x7b;
/** A PubAck has a handful of short fields; a longer reply is somebody else's. */
const ANSWER_BYTES_MAX = 4_096;

const text = new TextDecoder();

export function readAnswer(reply: Reply): Answer {
  if (reply.data.length === 0) return reply.headers?.code === NO_RESPONDERS ? NOBODY : FOREIGN;
  if (reply.data[0] !== BRACE || reply.data.length > ANSWER_BYTES_MAX) return FOREIGN;
  let body: unknown;
  try {
    body = JSON.parse(text.decode(reply.data));
  } catch {
    return FOREIGN;
  }
  return typeof body === "object" && body !== null ? classify(body) : FOREIGN;
}

function classify(body: { error?: unknown; stream?: unknown; seq?: unknown; duplicate?: unknown }): Answer {
  const { error, stream, seq } = body;
  if (error !== undefined) return apiError(error);
  if (typeof stream !== "string" || stream === "" || typeof seq !== "number") return FOREIGN;
  if (!Number.isSafeInteger(seq) || seq < 1) return FOREIGN;
  return { kind: "stored", stream, sequence: seq, duplicate: body.duplicate === true };
}

function apiError(error: unknown): Answer {
  if (typeof error !== "object" || error === null) return FOREIGN;
  const { code, err_code, description } = error as {
    code?: unknown;
    err_code?: unknown;
    description?: unknown;
  };
  if (typeof code !== "number" || typeof err_code !== "number") return FOREIGN;
  if (err_code < API_CODE_MIN || err_code > API_CODE_MAX) return FOREIGN;
  return {
    kind: "error",
    apiCode: err_code,
    httpCode: code,
    description: typeof description === "string" ? description : "",
  };
}
