/**
 * Questions to JetStream's API, asked until answered. A lost link, a missing leader or silence is no answer; a
 * refusal is one, and is thrown as `ApiRefusal` with its number. Not for the hot path: each question is a request.
 */

import { type Msg, type MsgHdrs, PermissionViolationError } from "@nats-io/nats-core";
import { pause } from "../../app/pause.ts";
import { Abandoned, type Clock, type Guard, Refused } from "../../app/ports.ts";
import type { Tell } from "../../app/signals.ts";
import { ApiCode, isPassing } from "./api-codes.ts";
import type { Link } from "./connection.ts";
import { withoutJetStream } from "./server-fitness.ts";

/** JetStream's lasting no. */
export class ApiRefusal extends Refused {
  override name = "ApiRefusal";
  readonly apiCode: number;
  constructor(apiCode: number, message: string) {
    super(message);
    this.apiCode = apiCode;
  }
}

export interface JsApi {
  /** `question` without the API's prefix, such as `STREAM.INFO.ORDERS`. Throws ApiRefusal or Abandoned. */
  ask<T>(question: string, body?: unknown, guard?: Guard): Promise<T>;
  /** One attempt of an ordinary request. Throws when no answer came within `patienceMs`, or the link dropped. */
  request(
    subject: string,
    data: string | Uint8Array,
    headers: MsgHdrs | null,
    patienceMs: number,
  ): Promise<Msg>;
  /** Throws ServerTooOld when this account has no JetStream. */
  assertJetStream(): Promise<void>;
}

type Deps = { clock: Clock; tell: Tell; link: Link };

const API = "$JS.API.";
/** Instead of JetStream's number, where the server did not let the question through, or not the answer. */
const NOT_ALLOWED = 0;
/** Asks for the account's own limits and use. */
const ACCOUNT = "INFO";
/** Answers to that question which mean that this account will not have JetStream; elsewhere they may pass. */
const NO_JETSTREAM: ReadonlySet<number> = new Set([ApiCode.notEnabled, ApiCode.notEnabledForAccount]);
/** One attempt; a cluster that elects a leader answers later, so it is asked again. */
const ANSWER_MS_MAX = 3_000;
const RETRY_MS_MIN = 50;
const RETRY_MS_MAX = 2_000;
/** A question unanswered for so long is told to operators, once. */
const COMPLAINT_MS = 5_000;
/** Without the server's own word that it has JetStream, silence for so long at start means that there is none. */
const SILENCE_MS_MAX = 5_000;

export function jsApi(deps: Deps): JsApi {
  const { clock, tell, link } = deps;
  const api: JsApi = {
    async ask<T>(question: string, body?: unknown, guard: Guard = () => true): Promise<T> {
      const data = body === undefined ? "" : JSON.stringify(body);
      const askedAtMs = clock.monotonicMs();
      let complained = false;
      for (let wait = RETRY_MS_MIN; ; wait = Math.min(wait * 2, RETRY_MS_MAX)) {
        if (link.closed() || !guard()) throw new Abandoned(`no answer to ${question}`);
        const answer = link.up() ? await attempt(api, question, data) : null;
        if (answer !== null) return answer as T;
        if (!complained && clock.monotonicMs() - askedAtMs > COMPLAINT_MS) {
          complained = true;
          tell({ kind: "nats.status", status: "unanswered", detail: question });
        }
        await pause(clock, wait);
      }
    },
    request: (subject, data, headers, patienceMs) => request(deps, { subject, data, headers, patienceMs }),
    assertJetStream: () => assertJetStream(deps, api),
  };
  return api;
}

/** null: nothing that could be called an answer. */
async function attempt(api: JsApi, question: string, data: string): Promise<object | null> {
  let reply: Msg;
  try {
    reply = await api.request(API + question, data, null, ANSWER_MS_MAX);
  } catch (error) {
    const denied = denialIn(error);
    if (denied !== null) throw new ApiRefusal(NOT_ALLOWED, denied);
    return null;
  }
  const body = reply.json<{ error?: { code: number; err_code?: number; description?: string } }>();
  if (body.error === undefined) return body;
  const { code, err_code = 0, description = "" } = body.error;
  if (isPassing(err_code, code) && !(question === ACCOUNT && NO_JETSTREAM.has(err_code))) return null;
  throw new ApiRefusal(err_code, `${question}: ${description} (${err_code})`);
}

/** What the NATS user may not do, where that is the reason of an error; null: another reason. */
export function denialIn(error: unknown): string | null {
  if (error instanceof PermissionViolationError) {
    const { operation, subject } = error;
    return `the NATS user may not ${operation === "publish" ? "publish" : "subscribe"} to ${subject}`;
  }
  return error instanceof Error && error.cause !== undefined ? denialIn(error.cause) : null;
}

type Request = { subject: string; data: string | Uint8Array; headers: MsgHdrs | null; patienceMs: number };

/** A link that is down or drops fails the request at once: the client would let it run into its time-out. */
async function request({ link }: Deps, { subject, data, headers, patienceMs }: Request): Promise<Msg> {
  if (!link.up()) throw new Error("the link is down");
  let forget = (): void => {};
  const dropped = new Promise<never>((_, reject) => {
    forget = link.onDrop(() => reject(new Error("the link dropped")));
  });
  try {
    const options = { timeout: patienceMs, ...(headers === null ? {} : { headers }) };
    return await Promise.race([link.nc.request(subject, data, options), dropped]);
  } finally {
    forget();
  }
}

async function assertJetStream({ clock, link }: Deps, api: JsApi): Promise<void> {
  const askedAtMs = clock.monotonicMs();
  // A server that says it has JetStream may lack a leader for long; one that does not say so is believed after a while.
  const patient: Guard = () =>
    !link.up() || link.nc.info?.jetstream === true || clock.monotonicMs() - askedAtMs < SILENCE_MS_MAX;
  try {
    await api.ask(ACCOUNT, undefined, patient);
  } catch (error) {
    if (error instanceof ApiRefusal && error.apiCode !== NOT_ALLOWED) throw withoutJetStream(error.message);
    if (error instanceof Abandoned && !link.closed()) throw withoutJetStream("nobody answers $JS.API.INFO");
    throw error;
  }
}
