/** A process of a benchmark's own that answers questions, one at a time, so that what it measures shares no event loop with who asks. */

import { fork } from "node:child_process";
import { once } from "node:events";

export interface AskedProcess<Question, Answer> {
  /** Throws where the process ends before it has answered. */
  ask(question: Question): Promise<Answer>;
  end(): Promise<void>;
}

/** `file` calls `answering`. */
export function startAsked<Question, Answer>(
  file: URL,
  args: readonly string[] = [],
): AskedProcess<Question, Answer> {
  const child = fork(file, args, { serialization: "advanced", execArgv: [] });
  const ended = once(child, "exit");
  const abandon = (): void => void child.kill("SIGKILL");
  process.once("exit", abandon);
  return {
    ask: async (question) => {
      const answer = new Promise<Answer>((resolve) =>
        child.once("message", (told) => resolve(told as Answer)),
      );
      child.send(question as object);
      const gone = ended.then(([code]): never => {
        throw new Error(`${file.pathname} ended with ${code} before it had answered`);
      });
      return Promise.race([answer, gone]);
    },
    end: async () => {
      child.kill("SIGTERM");
      await ended;
      process.off("exit", abandon);
    },
  };
}

/** The other side. What throws here ends the process, and so does the end of who asks. */
export function answering<Question, Answer>(answer: (question: Question) => Promise<Answer>): void {
  process.once("disconnect", () => process.exit());
  process.on("message", async (question) => process.send?.(await answer(question as Question)));
}
