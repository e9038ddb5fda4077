/** Many commands, a hundred on their way at once. */

const COMMANDING_MAX = 100;

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
