/** Names the messages of a process by the calls of ports that they come from, for people and for choosing among them. */

import { names as namesOf } from "@carillon/contracts";
import type { Way } from "../../services/testing/src/wire.ts";

/** What waits for a place in a lane before it leaves, a turn of the microtasks later. */
const PIPELINED = new Set(["store.write", "store.purge", "publisher.send", "inbox.post"]);

export class Calls {
  readonly #pipelined: string[] = [];
  #current: string | null = null;

  /** The call that a message comes from, as it leaves. */
  next(way: Way): string {
    if (this.#current !== null) return this.#current;
    if (way === "cast") return "inbox.ack";
    return this.#pipelined.shift() ?? "what follows from an answer";
  }

  /** The port, its calls noted. */
  watch<Port extends object>(name: string, port: Port): Port {
    return new Proxy(port, {
      get: (target, method) => {
        const value: unknown = Reflect.get(target, method);
        if (typeof value !== "function") return value;
        return (...given: unknown[]): unknown =>
          this.#note(`${name}.${String(method)}`, given, () => value.apply(target, given));
      },
    });
  }

  #note(method: string, given: readonly unknown[], call: () => unknown): unknown {
    const text = `${method} ${topicOf(given)}`.trim();
    if (PIPELINED.has(method)) {
      this.#pipelined.push(text);
      return call();
    }
    this.#current = text;
    try {
      return call();
    } finally {
      this.#current = null;
    }
  }
}

/** What a call is about, without the names of schedules. */
function topicOf([first, second]: readonly unknown[]): string {
  if (typeof first === "object" && first !== null && "subject" in first)
    return shortened(String(first.subject));
  if (first !== "state" && first !== "schedules") return "";
  const isTerm = typeof second === "string" && namesOf().keys.term.parse(second) !== null;
  return isTerm ? "term" : first;
}

function shortened(subject: string): string {
  const event = namesOf().event.parse(subject);
  return event === null ? (subject.split(".")[0] ?? "") : `${event.entity}.${event.what}`;
}
