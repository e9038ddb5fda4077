/** The workers that hear each other's questions; nobody hears their own. */

type Hear = (question: string, reply: (answer: string) => void) => void;

export class PeerCircle {
  readonly #members = new Map<string, Hear>();

  join(name: string, hear: Hear): () => void {
    this.#members.set(name, hear);
    return () => void this.#members.delete(name);
  }

  ask(name: string, question: string, reply: (answer: string) => void): void {
    for (const [member, hear] of this.#members) if (member !== name) hear(question, reply);
  }
}
