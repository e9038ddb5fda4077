/**
 * The connection to NATS: made with patience at start, never given up afterwards. Others learn of drops and
 * reconnects here, since the client throws away what was published while the link was down: whoever has something
 * open sends it again on `onReconnect`.
 */

import { readFileSync } from "node:fs";
import {
  type Authenticator,
  AuthorizationError,
  type ConnectionOptions,
  connect,
  credsAuthenticator,
  InvalidArgumentError,
  type Msg,
  type NatsConnection,
  nkeyAuthenticator,
  type Status,
} from "@nats-io/transport-node";
import { within } from "../../app/pause.ts";
import { Abandoned, type Cancel, type Clock } from "../../app/ports.ts";
import type { Tell } from "../../app/signals.ts";
import { ListenerSet } from "./listener-set.ts";
import { assertVersion, ServerTooOld } from "./server-fitness.ts";
import { Wire } from "./wire.ts";

export interface ConnectionSettings {
  /** Addresses, as in `NATS_URL`, already split. */
  servers: readonly string[];
  /** Shown in the server's connection list. */
  name: string;
  user: string | null;
  password: string | null;
  credsFile: string | null;
  nkeySeedFile: string | null;
  /** Instead of user and password; null: none. */
  token: string | null;
  /** Null: no TLS unless the server asks for it. */
  tls: { caFile: string | null; certFile: string | null; keyFile: string | null } | null;
  /** First token of the subjects on which answers to this worker arrive; a user's permissions may bind it. */
  inboxPrefix: string;
}

export interface Link {
  readonly nc: NatsConnection;
  /** False from a drop until the client has logged in again. */
  up(): boolean;
  /** For what must be acknowledged, and may have to be sent again. */
  readonly wire: Wire;
  /** Hears a subject until called off; `refused` when the server does not allow it. */
  listen(subject: string, heard: (message: Msg) => void, refused?: () => void): Cancel;
  onDrop(call: () => void): Cancel;
  onReconnect(call: () => void): Cancel;
  /** Errors that the server reports without saying to which message they belong, such as permission violations. */
  onError(call: (error: Error) => void): Cancel;
  serverVersion(): string;
  /** Largest message (headers and data) that the server takes, bytes. */
  maxPayload(): number;
  closed(): boolean;
  /** Sends what is buffered, then closes. Idempotent. */
  close(): Promise<void>;
}

type Deps = { clock: Clock; tell: Tell };

/** Between two attempts to connect or reconnect. */
const RETRY_MS = 250;
/** So that many workers do not come at once. */
const JITTER_MS = 100;
/** A login that was refused is tried less and less often, since somebody has to change something first. */
const REFUSED_RETRY_MS_MAX = 5_000;
/** One attempt to connect, including TLS and login; a server that answers no faster counts as unreachable. */
const DIAL_MS_MAX = 5_000;
/** A dead server is noticed after PING_MS * PING_OUT_MAX. */
const PING_MS = 10_000;
const PING_OUT_MAX = 2;
/** While NATS stays unreachable at start, operators are told at most once in so long. */
const COMPLAINT_MS = 5_000;
/** Assumed until a server has said its own; NATS' default. */
const MAX_PAYLOAD_DEFAULT = 1_048_576;

/** Waits until NATS is there. Throws ServerTooOld, or Abandoned once `closing` is aborted. */
export async function connectNats(
  deps: Deps,
  settings: ConnectionSettings,
  closing?: AbortSignal,
): Promise<Link> {
  const pace = new Pace(deps);
  const options = connectionOptions(settings, pace);
  const aborted = new Promise((resolve) => closing?.addEventListener("abort", resolve, { once: true }));
  while (closing?.aborted !== true) {
    try {
      const nc = await connect(options);
      return accept(deps, nc, pace);
    } catch (error) {
      if (!(error instanceof Error) || !mayPass(error)) throw error;
      pace.failed(error);
      await within(deps.clock, pace.waitMs(), aborted);
    }
  }
  throw new Abandoned("stopped before NATS was reachable");
}

/** How often to try, and how often to tell, while there is no connection. */
class Pace {
  readonly #deps: Deps;
  #waitMs = RETRY_MS;
  #toldAtMs = Number.NEGATIVE_INFINITY;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  waitMs = (): number => this.#waitMs + Math.random() * JITTER_MS;

  failed(error: Error): void {
    const { clock, tell } = this.#deps;
    const refused = error instanceof AuthorizationError;
    this.#waitMs = refused ? Math.min(2 * this.#waitMs, REFUSED_RETRY_MS_MAX) : RETRY_MS;
    if (clock.monotonicMs() - this.#toldAtMs < COMPLAINT_MS) return;
    this.#toldAtMs = clock.monotonicMs();
    tell({
      kind: "nats.status",
      status: refused ? "login_refused" : "unreachable",
      detail: error.message,
    });
  }

  connected(): void {
    this.#waitMs = RETRY_MS;
    this.#toldAtMs = Number.NEGATIVE_INFINITY;
  }
}

/** Unreachable, refused or silent servers may change their mind; wrong options and bugs will not. */
function mayPass(error: Error): boolean {
  return !(
    error instanceof ServerTooOld ||
    error instanceof TypeError ||
    error instanceof InvalidArgumentError
  );
}

async function accept(deps: Deps, nc: NatsConnection, pace: Pace): Promise<Link> {
  try {
    assertVersion(nc.info?.version ?? "0");
  } catch (error) {
    await nc.close();
    throw error;
  }
  pace.connected();
  return new NatsLink(deps.tell, nc, pace);
}

class NatsLink implements Link {
  readonly nc: NatsConnection;
  readonly wire: Wire;
  readonly #tell: Tell;
  readonly #pace: Pace;
  readonly #dropped = new ListenerSet<void>();
  readonly #reconnected = new ListenerSet<void>();
  readonly #errors = new ListenerSet<Error>();
  #up = true;
  #maxPayload: number;
  #version: string;

  constructor(tell: Tell, nc: NatsConnection, pace: Pace) {
    this.nc = nc;
    this.wire = new Wire(nc);
    this.#tell = tell;
    this.#pace = pace;
    this.#maxPayload = nc.info?.max_payload ?? MAX_PAYLOAD_DEFAULT;
    this.#version = nc.info?.version ?? "";
    void this.#watch();
  }

  up = (): boolean => this.#up && !this.nc.isClosed();

  listen(subject: string, heard: (message: Msg) => void, refused: () => void = () => {}): Cancel {
    const subscription = this.nc.subscribe(subject, {
      callback: (error, message) => (error === null ? heard(message) : refused()),
    });
    // A closed connection has forgotten its subscriptions, and throws when reminded.
    return () => {
      if (!this.nc.isClosed()) subscription.unsubscribe();
    };
  }

  onDrop = (call: () => void): Cancel => this.#dropped.add(call);
  onReconnect = (call: () => void): Cancel => this.#reconnected.add(call);
  onError = (call: (error: Error) => void): Cancel => this.#errors.add(call);
  serverVersion = (): string => this.#version;
  maxPayload = (): number => this.#maxPayload;
  closed = (): boolean => this.nc.isClosed() || this.nc.isDraining();

  async close(): Promise<void> {
    if (this.closed()) return;
    // Draining needs the server; without it there is nothing to send to.
    if (this.up()) await this.nc.drain().catch(() => this.nc.close());
    else await this.nc.close();
  }

  async #watch(): Promise<void> {
    for await (const status of this.nc.status()) this.#on(status);
    this.#up = false;
    this.#dropped.call();
  }

  #on(status: Status): void {
    switch (status.type) {
      case "disconnect":
        // Comes again after each login that is refused.
        if (this.#up) this.#tell({ kind: "nats.status", status: status.type, detail: status.server });
        this.#up = false;
        this.#dropped.call();
        return;
      case "reconnect":
        this.#up = true;
        this.#pace.connected();
        this.#maxPayload = this.nc.info?.max_payload ?? this.#maxPayload;
        this.#version = this.nc.info?.version ?? this.#version;
        this.#tell({ kind: "nats.status", status: status.type, detail: status.server });
        this.#reconnected.call();
        return;
      case "error":
        if (status.error instanceof AuthorizationError) this.#pace.failed(status.error);
        else this.#tell({ kind: "nats.status", status: status.type, detail: status.error.message });
        this.#errors.call(status.error);
        return;
      case "ldm":
        this.#tell({ kind: "nats.status", status: status.type, detail: status.server });
        return;
      case "staleConnection":
      case "slowConsumer":
      case "close":
        this.#tell({ kind: "nats.status", status: status.type, detail: "" });
        return;
      default:
        return;
    }
  }
}

function connectionOptions(settings: ConnectionSettings, pace: Pace): ConnectionOptions {
  const { tls } = settings;
  const authenticator = authenticators(settings);
  return {
    servers: [...settings.servers],
    name: settings.name,
    inboxPrefix: settings.inboxPrefix,
    timeout: DIAL_MS_MAX,
    maxReconnectAttempts: -1,
    reconnectDelayHandler: pace.waitMs,
    pingInterval: PING_MS,
    maxPingOut: PING_OUT_MAX,
    // The client would close for good after two refused logins; a rotated password must not end a scheduler.
    ignoreAuthErrorAbort: true,
    // Traces cost a third of the throughput.
    noAsyncTraces: true,
    ...(settings.user === null ? {} : { user: settings.user, pass: settings.password ?? "" }),
    ...(authenticator === null ? {} : { authenticator }),
    ...(settings.token === null ? {} : { token: settings.token }),
    ...(tls !== null
      ? { tls: present({ caFile: tls.caFile, certFile: tls.certFile, keyFile: tls.keyFile }) }
      : {}),
  };
}

/** The files are read at every login, so that a rotated one is used at the next reconnect. */
function authenticators(settings: ConnectionSettings): Authenticator | null {
  const { credsFile, nkeySeedFile } = settings;
  if (credsFile !== null) return credsAuthenticator(() => readFileSync(credsFile));
  if (nkeySeedFile === null) return null;
  return nkeyAuthenticator(() => new TextEncoder().encode(readFileSync(nkeySeedFile, "utf8").trim()));
}

function present(files: Record<"caFile" | "certFile" | "keyFile", string | null>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(files).filter((entry): entry is [string, string] => entry[1] !== null),
  );
}
