/**
 * The connection to one Redis node: never given up, made anew when it is silent. Nothing waits in it: what cannot be sent now, or whose
 * connection ends before the answer, fails at once and is not sent again by the client, since a lock that is taken after its asker has gone
 * would be held for nobody.
 */

import { isIP } from "node:net";
import { Redis, type RedisOptions } from "ioredis";
import type { Clock } from "../../app/ports.ts";
import type { Tell } from "../../app/signals.ts";

export interface RedisAddress {
  readonly host: string;
  readonly port: number;
  /** Null: the default user. */
  readonly username: string | null;
  /** Null: none is asked for. */
  readonly password: string | null;
  /** Number of the database. */
  readonly db: number;
  readonly tls: boolean;
}

export type Answered = (error: Error | null, reply?: unknown) => void;

type Deps = { clock: Clock; tell: Tell };

/** An answer that takes longer counts as none. */
const ANSWER_MS_MAX = 500;
/** A connection that is silent for longer while somebody waits may have broken without a word. */
const SILENCE_MS_MAX = 2_000;
/** One attempt to connect, including TLS. */
const DIAL_MS_MAX = 5_000;
/** Between attempts to connect: longer each time, up to this. */
const RETRY_MS = 50;
const RETRY_MS_MAX = 1_000;
/** So that many workers do not come at once. */
const JITTER_MS = 50;
/** Of a node in trouble operators are told at most once in so long. */
const COMPLAINT_MS = 5_000;

const LOGIN_REFUSED: ReadonlySet<string> = new Set(["WRONGPASS", "NOAUTH"]);
/** Said by a replica: its name may lead to the new primary by now. */
const READ_ONLY = "READONLY";

/** By Redis' protocol the first word of an error is its code; empty where there is no error. */
export const codeOf = (error: Error | null): string => error?.message.split(" ", 1)[0] ?? "";

export class RedisNode {
  /** `host:port` */
  readonly address: string;
  readonly #deps: Deps;
  readonly #client: Redis;
  readonly #password: string | null;
  #up = false;
  #toldAtMs = Number.NEGATIVE_INFINITY;

  constructor(deps: Deps, at: RedisAddress, name: string) {
    this.#deps = deps;
    this.#password = at.password;
    this.address = `${isIP(at.host) === 6 ? `[${at.host}]` : at.host}:${at.port}`;
    this.#client = new Redis(optionsOf(at, name));
    this.#client.on("ready", () => this.#connected());
    this.#client.on("close", () => this.#dropped());
    this.#client.on("error", (error: Error) => this.#complain(error));
  }

  /** False from a drop until it has logged in again. */
  up = (): boolean => this.#up;

  ask(command: string, args: readonly (string | number)[], answered: Answered): void {
    this.#client.call(command, [...args], (error, reply) => answered(error ?? null, reply));
  }

  /** An answer was an error, or did not come. While there is no connection, that has been told. */
  complain(error: Error): void {
    if (this.#up) this.#complain(error);
  }

  close(): void {
    this.#up = false;
    this.#client.disconnect();
  }

  #connected(): void {
    this.#up = true;
    this.#deps.tell({ kind: "redis.status", status: "connect", detail: this.address });
  }

  /** Comes again after each attempt to connect. */
  #dropped(): void {
    if (this.#up) this.#deps.tell({ kind: "redis.status", status: "disconnect", detail: this.address });
    this.#up = false;
  }

  #complain(error: Error): void {
    const { clock, tell } = this.#deps;
    if (clock.monotonicMs() - this.#toldAtMs < COMPLAINT_MS) return;
    this.#toldAtMs = clock.monotonicMs();
    const status = LOGIN_REFUSED.has(codeOf(error)) ? "login_refused" : this.#up ? "failed" : "unreachable";
    tell({ kind: "redis.status", status, detail: `${this.address}: ${this.#wordsOf(error)}` });
    if (codeOf(error) === READ_ONLY) this.#client.disconnect(true);
  }

  /** A node may repeat in an error what it was sent. */
  #wordsOf(error: Error & { code?: unknown }): string {
    const words = error.message || String(error.code ?? error.name);
    return this.#password === null ? words : words.replaceAll(this.#password, "***");
  }
}

function optionsOf({ host, port, username, password, db, tls }: RedisAddress, name: string) {
  return {
    host,
    port,
    db,
    connectionName: name,
    disableClientInfo: true,
    ...(username === null ? {} : { username }),
    ...(password === null ? {} : { password }),
    ...(tls ? { tls: isIP(host) === 0 ? { servername: host } : {} } : {}),
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    commandTimeout: ANSWER_MS_MAX,
    socketTimeout: SILENCE_MS_MAX,
    connectTimeout: DIAL_MS_MAX,
    retryStrategy: (times) => Math.min(RETRY_MS * times, RETRY_MS_MAX) + Math.random() * JITTER_MS,
  } satisfies RedisOptions;
}
