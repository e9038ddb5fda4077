/**
 * A list that only grows, and on which tests wait: whoever asks gets an answer as soon as an item makes it true, or an
 * error that says what was there instead.
 */

/** Time that a wait may take by default; generous, since machines are shared. */
export const WAIT_MS = 15_000;

/** Items that a failed wait shows. */
const SHOWN_MAX = 40;

export interface Board<Item> {
  readonly items: readonly Item[];
  add(item: Item): void;
  /** Resolves once `holds` returns something else than undefined or false, asked again after each item. */
  until<Answer>(
    holds: (items: readonly Item[]) => Answer,
    what: string,
    waitMs?: number,
  ): Promise<Truthy<Answer>>;
  /** The `n`th item (1 is the first) of which `fits` is true. */
  nth(n: number, fits: (item: Item) => boolean, waitMs: number, what: string): Promise<Item>;
}

export type Truthy<Answer> = Exclude<Answer, undefined | false | null>;

/** `name` and `show` are for messages. */
export function createBoard<Item>(name: string, show: (item: Item) => string): Board<Item> {
  const items: Item[] = [];
  const waiting = new Set<() => void>();
  const until: Board<Item>["until"] = <Answer>(
    holds: (items: readonly Item[]) => Answer,
    what: string,
    waitMs = WAIT_MS,
  ) =>
    new Promise<Truthy<Answer>>((resolve, reject) => {
      const look = (): boolean => {
        const answer = holds(items);
        if (answer === undefined || answer === false || answer === null) return false;
        resolve(answer as Truthy<Answer>);
        return true;
      };
      if (look()) return;
      const again = (): void => {
        if (look()) forget();
      };
      const timer = setTimeout(() => {
        forget();
        const shown = items.slice(-SHOWN_MAX).map((item) => `  ${show(item)}`);
        reject(
          new Error([`${name}: ${what} did not come within ${waitMs} ms. There were:`, ...shown].join("\n")),
        );
      }, waitMs);
      const forget = (): void => {
        clearTimeout(timer);
        waiting.delete(again);
      };
      waiting.add(again);
    });
  return {
    items,
    add: (item) => {
      items.push(item);
      for (const look of [...waiting]) look();
    },
    until,
    nth: (n, fits, waitMs, what) => until((all) => all.filter(fits)[n - 1], `${what}, number ${n},`, waitMs),
  };
}
