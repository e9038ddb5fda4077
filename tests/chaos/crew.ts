/** The workers of a run as they come and go, each a process of its own. */

import type { Stack } from "../support/stack.ts";
import type { WorkerProcess } from "../support/worker-process.ts";

export interface Member {
  /** For people: w1, w2 … in the order in which they were started. */
  readonly label: string;
  /** As its heartbeats call it. */
  readonly name: string;
  readonly process: WorkerProcess;
}

/** A worker that starts while the server is away waits for it. */
const START_MS_MAX = 60_000;

export class Crew {
  readonly #stack: Stack;
  readonly #here = new Set<Member>();
  readonly #faults: string[] = [];
  #started = 0;

  constructor(stack: Stack) {
    this.#stack = stack;
  }

  /** Those that run and that nobody does anything to. */
  get members(): readonly Member[] {
    return [...this.#here];
  }

  get names(): readonly string[] {
    return this.members.map(({ name }) => name);
  }

  /** What workers did wrong: ended unasked, or logged an error. */
  get faults(): readonly string[] {
    return this.#faults;
  }

  /** Resolves once it is connected. */
  async start(): Promise<Member> {
    const label = `w${++this.#started}`;
    const process = this.#stack.worker();
    const started = await process.log.nth(1, ({ msg }) => msg === "worker started", START_MS_MAX, "a start");
    const member = { label, name: String(started["worker"]), process };
    this.#here.add(member);
    void process.exited.then(({ code, stderr }) => {
      for (const { level, msg } of process.log.items)
        if (level === "error") this.#faults.push(`${label} logged "${msg}"`);
      if (this.#here.delete(member)) this.#faults.push(`${label} ended with ${code}: ${stderr}`);
    });
    return member;
  }

  /** Nobody else picks it from now on. */
  take(member: Member): void {
    this.#here.delete(member);
  }

  giveBack(member: Member): void {
    this.#here.add(member);
  }

  /** A planned end; anything but the exit code 0 is a fault. */
  async dismiss(member: Member): Promise<void> {
    const { code, stderr } = await member.process.end("SIGTERM");
    if (code !== 0) this.#faults.push(`${member.label} ended with ${code} after SIGTERM: ${stderr}`);
  }

  async dismissAll(): Promise<void> {
    const all = this.members;
    for (const member of all) this.take(member);
    await Promise.all(all.map((member) => this.dismiss(member)));
  }
}
