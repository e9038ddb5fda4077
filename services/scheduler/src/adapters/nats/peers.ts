/**
 * Questions and statements among the workers of an installation, over core NATS: every worker hears them on one subject. Answers go only to
 * inboxes of workers, which nobody else may listen to, so that a stranger who asks learns nothing. A statement waits for no answer.
 */

import { isReplySubject, type Names } from "@carillon/contracts";
import { createInbox, headers, type Msg, type MsgHdrs } from "@nats-io/nats-core";
import type { Cancel, Clock, Peers } from "../../app/ports.ts";
import type { Link } from "./connection.ts";
import { heardHeaders } from "./heard-headers.ts";

/** Answers to one question at most; more than that are not from workers. */
const ANSWERS_MAX = 1_024;

/** Of a statement: the inbox of whoever makes it. */
const SENDER = "Scheduler-Peer";

type Deps = { clock: Clock; link: Link; names: Names; inboxPrefix: string };

export class NatsPeers implements Peers {
  readonly #deps: Deps;
  readonly #replies: string;
  /** Says who speaks, so that nobody hears oneself. */
  readonly #self = headers();
  readonly #waiting = new Map<string, (answer: string) => void>();
  #asked = 0;

  constructor(deps: Deps) {
    this.#deps = deps;
    this.#replies = `${createInbox(deps.inboxPrefix)}.`;
    this.#self.set(SENDER, this.#replies);
    deps.link.listen(`${this.#replies}*`, (message) =>
      this.#waiting.get(message.subject)?.(message.string()),
    );
  }

  messageBytesMax = (): number => this.#deps.link.maxPayload();

  ask(question: string, waitMs: number, heard: (answer: string) => boolean): Promise<void> {
    const { clock, names } = this.#deps;
    const reply = `${this.#replies}${this.#asked++}`;
    return new Promise((resolve) => {
      const over = (): void => {
        cancel();
        this.#waiting.delete(reply);
        resolve();
      };
      const cancel = clock.after(waitMs, over);
      let answers = 0;
      this.#waiting.set(reply, (answer) => {
        if (heard(answer) || ++answers >= ANSWERS_MAX) over();
      });
      this.#publish(names.peers, question, { reply });
    });
  }

  tell(statement: string): void {
    this.#publish(this.#deps.names.peers, statement, { headers: this.#self });
  }

  hear(heard: (statement: string) => void): Cancel {
    const { link, names } = this.#deps;
    return link.listen(names.peers, (message) => {
      if ((message.reply ?? "") !== "" || heardHeaders(message).get(SENDER) === this.#replies) return;
      heard(message.string());
    });
  }

  answer(respond: (question: string) => Promise<string | null>): Cancel {
    const { link, names } = this.#deps;
    return link.listen(names.peers, (message) => void this.#respond(message, respond));
  }

  async #respond(message: Msg, respond: (question: string) => Promise<string | null>): Promise<void> {
    const { reply = "" } = message;
    const workers = reply.startsWith(`${this.#deps.inboxPrefix}.`) && isReplySubject(reply);
    if (!workers || reply.startsWith(this.#replies)) return;
    const answer = await respond(message.string());
    if (answer !== null) this.#publish(reply, answer, {});
  }

  /** What cannot be sent is lost, as it would be on its way. */
  #publish(subject: string, data: string, how: { reply?: string; headers?: MsgHdrs }): void {
    try {
      this.#deps.link.nc.publish(subject, data, how);
    } catch {
      // Closing, or too long: whoever asked waits in vain and says so.
    }
  }
}
