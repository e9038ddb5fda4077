/** Asked again where the fault is one that passes, for what comes to the same when it is done twice. */

const TRIES_MAX = 10;

export async function again<Answer>(
  ask: () => Promise<Answer>,
  passes: (error: unknown) => boolean,
): Promise<Answer> {
  for (let left = TRIES_MAX; ; left--) {
    try {
      return await ask();
    } catch (error) {
      if (!passes(error) || left === 0) throw error;
    }
  }
}
