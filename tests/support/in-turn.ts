/** Many commands, a few on their way at once, so that each is answered in time on a busy machine too. */

const COMMANDING_MAX = 25;

export async function inTurn<Answer>(
  ids: readonly string[],
  command: (id: string) => Promise<Answer>,
): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (let from = 0; from < ids.length; from += COMMANDING_MAX) {
    answers.push(...(await Promise.all(ids.slice(from, from + COMMANDING_MAX).map(command))));
  }
  return answers;
}
