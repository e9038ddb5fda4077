/**
 * A link that can be troubled: a TCP proxy on loopback in front of a server. Each direction can be held back, delayed or
 * dropped, and the whole can be cut or left half open. What clients send can be listened to.
 */

import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

export type Direction = "toServer" | "toClient";

export interface LinkProxy {
  readonly url: string;
  /** Keeps back what goes this way, until `release`. */
  hold(way: Direction): void;
  release(way: Direction): void;
  /** Loses what goes this way on the connections of now; their streams cannot be mended. New connections are whole. */
  drop(way: Direction): void;
  /** From now on everything takes so much longer this way. */
  delay(way: Direction, delayMs: number): void;
  /** Closes every connection and takes no new one, until `mend`. */
  cut(): void;
  /** The server's side is closed, and the client's side does not hear of it; new connections are whole. */
  halfOpen(): void;
  mend(): void;
  /** Called with what a client sends, before it goes on. */
  onSent(listener: (text: string) => void): void;
  /** Called with what the server answers, before it goes on. */
  onHeard(listener: (text: string) => void): void;
  close(): Promise<void>;
}

const WAYS = ["toServer", "toClient"] as const satisfies Direction[];

export async function openProxy(port: number): Promise<LinkProxy> {
  const links = new Set<Link>();
  const listeners: Record<Direction, ((text: string) => void)[]> = { toServer: [], toClient: [] };
  const rules = { held: new Set<Direction>(), delayMs: { toServer: 0, toClient: 0 } };
  const server = createServer((client) => {
    const link = new Link(client, connect(port, "127.0.0.1"), rules, (way, chunk) => {
      if (listeners[way].length === 0) return;
      const text = chunk.toString("latin1");
      for (const listener of listeners[way]) listener(text);
    });
    links.add(link);
    client.once("close", () => links.delete(link));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port: ownPort } = server.address() as AddressInfo;
  const close = (): void => {
    for (const link of links) link.close();
  };
  return {
    url: `nats://127.0.0.1:${ownPort}`,
    hold: (way) => void rules.held.add(way),
    release: (way) => {
      rules.held.delete(way);
      for (const link of links) link.flush(way);
    },
    drop: (way) => {
      for (const link of links) link.dropped.add(way);
    },
    delay: (way, delayMs) => {
      rules.delayMs[way] = delayMs;
    },
    // Refused, not taken and dropped: the client begins to dial once more for each connection that it had for a moment.
    cut: () => {
      server.close();
      close();
    },
    halfOpen: () => {
      for (const link of links) link.halfOpen();
    },
    mend: () => {
      if (!server.listening) server.listen(ownPort, "127.0.0.1");
      for (const way of WAYS) {
        rules.held.delete(way);
        rules.delayMs[way] = 0;
        for (const link of links) link.flush(way);
      }
    },
    onSent: (listener) => void listeners.toServer.push(listener),
    onHeard: (listener) => void listeners.toClient.push(listener),
    close: async () => {
      close();
      if (!server.listening) return;
      server.close();
      await once(server, "close");
    },
  };
}

interface Rules {
  readonly held: ReadonlySet<Direction>;
  readonly delayMs: Readonly<Record<Direction, number>>;
}

interface Waiting {
  readonly chunk: Buffer;
  readonly dueAtMs: number;
}

/** One client's connection, and the one to the server behind it. */
class Link {
  readonly dropped = new Set<Direction>();
  readonly #ends: Readonly<Record<Direction, Socket>>;
  readonly #rules: Rules;
  readonly #waiting: Readonly<Record<Direction, Waiting[]>> = { toServer: [], toClient: [] };
  #half = false;

  constructor(client: Socket, server: Socket, rules: Rules, passed: (way: Direction, chunk: Buffer) => void) {
    this.#ends = { toServer: server, toClient: client };
    this.#rules = rules;
    const carry = (way: Direction) => (chunk: Buffer) => {
      passed(way, chunk);
      this.#carry(way, chunk);
    };
    client.on("data", carry("toServer"));
    server.on("data", carry("toClient"));
    for (const socket of [client, server]) {
      socket.setNoDelay(true);
      // A broken connection is what this is for.
      socket.on("error", () => {});
    }
    client.once("close", () => server.destroy());
    server.once("close", () => {
      if (!this.#half) client.destroy();
    });
  }

  flush(way: Direction): void {
    if (this.#rules.held.has(way)) return;
    const waiting = this.#waiting[way];
    const end = this.#ends[way];
    while (waiting[0] !== undefined && waiting[0].dueAtMs <= performance.now()) {
      const next = waiting.shift();
      if (next !== undefined && end.writable) end.write(next.chunk);
    }
    const [first] = waiting;
    if (first !== undefined) setTimeout(() => this.flush(way), first.dueAtMs - performance.now() + 1);
  }

  halfOpen(): void {
    this.#half = true;
    this.#ends.toServer.destroy();
  }

  close(): void {
    for (const way of WAYS) this.#ends[way].destroy();
  }

  #carry(way: Direction, chunk: Buffer): void {
    if (this.dropped.has(way)) return;
    this.#waiting[way].push({ chunk, dueAtMs: performance.now() + this.#rules.delayMs[way] });
    this.flush(way);
  }
}
