/** The workers that hear each other's questions and statements; nobody hears their own. */

type Hear = (question: string, reply: (answer: string) => void) => void;

export class PeerCircle {
  readonly #members = new Map<string, Hear>();
  readonly #listeners = new Map<string, (statement: string) => void>();

  join(name: string, hear: Hear): () => void {
    this.#members.set(name, hear);
    return () => void this.#members.delete(name);
  }

  listen(name: string, heard: (statement: string) => void): () => void {
    this.#listeners.set(name, heard);
    return () => void this.#listeners.delete(name);
  }

  tell(name: string, statement: string): void {
    for (const [listener, heard] of this.#listeners) if (listener !== name) heard(statement);
  }

  ask(name: string, question: string, reply: (answer: string) => void): void {
    for (const [member, hear] of this.#members) if (member !== name) hear(question, reply);
  }
}
