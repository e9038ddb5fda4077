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

/** How answers of the streams begin that were heard of last: up to the sequence, all answers of a stream are alike. */
const beginnings: { readonly bytes: Uint8Array; readonly stream: string }[] = [];
const BEGINNINGS_MAX = 16;
const BEGINNING = /^\{"stream":"[^"\\]+", ?"seq":(?=\d+\}$)/;
const [ZERO, NINE, END] = [0x30, 0x39, 0x7d];
/** So many digits make no sequence that a number cannot hold. */
const DIGITS_MAX = 15;

export function readAnswer(reply: Reply): Answer {
  return readAlike(reply.data) ?? readAny(reply);
}

/** Null: it does not begin like one of those that were heard before, or does not end after the sequence. */
function readAlike(data: Uint8Array): Answer | null {
  for (const { bytes, stream } of beginnings) {
    if (!beginsWith(data, bytes)) continue;
    const sequence = sequenceFrom(data, bytes.length);
    if (sequence > 0) return { kind: "stored", stream, sequence, duplicate: false };
  }
  return null;
}

function beginsWith(data: Uint8Array, bytes: Uint8Array): boolean {
  for (let n = bytes.length - 1; n >= 0; n--) if (data[n] !== bytes[n]) return false;
  return true;
}

/** 0: there is none that ends the answer. */
function sequenceFrom(data: Uint8Array, from: number): number {
  const last = data.length - 1;
  if (data[last] !== END || last - from > DIGITS_MAX || data[from] === ZERO) return 0;
  let sequence = 0;
  for (let n = from; n < last; n++) {
    const digit = data[n] ?? 0;
    if (digit < ZERO || digit > NINE) return 0;
    sequence = 10 * sequence + digit - ZERO;
  }
  return sequence;
}

function remember(answer: string, stream: string): void {
  const [beginning] = BEGINNING.exec(answer) ?? [];
  if (beginning === undefined) return;
  if (beginnings.length >= BEGINNINGS_MAX) beginnings.shift();
  beginnings.push({ bytes: Buffer.from(beginning), stream });
}

function readAny(reply: Reply): Answer {
  if (reply.data.length === 0) return reply.headers?.code === NO_RESPONDERS ? NOBODY : FOREIGN;
  if (reply.data[0] !== BRACE || reply.data.length > ANSWER_BYTES_MAX) return FOREIGN;
  const answer = text.decode(reply.data);
  let body: unknown;
  try {
    body = JSON.parse(answer);
  } catch {
    return FOREIGN;
  }
  if (typeof body !== "object" || body === null) return FOREIGN;
  const read = classify(body);
  if (read.kind === "stored") remember(answer, read.stream);
  return read;
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
