/** What is asked for many times in a row, and need be done once. */

/** Runs `act` after the microtasks that are waiting now, however often it is asked for until then. */
export function oncePerTurn(act: () => void): () => void {
  let asked = false;
  return () => {
    if (asked) return;
    asked = true;
    queueMicrotask(() => {
      asked = false;
      act();
    });
  };
}
