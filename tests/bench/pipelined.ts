/** Many questions, a bounded number of them unanswered. */

const UNANSWERED_MAX = 500;

/** `ask` of every number from `from` up to and without `to`. Rejects with the first that fails. */
export async function pipelined(
  from: number,
  to: number,
  ask: (n: number) => Promise<unknown>,
): Promise<void> {
  let next = from;
  const some = async (): Promise<void> => {
    while (next < to) await ask(next++);
  };
  await Promise.all(Array.from({ length: UNANSWERED_MAX }, some));
}
