/** A law looks at a history and names what it forbids. */

import type { History } from "../history.ts";

export interface Violation {
  readonly law: string;
  readonly what: string;
}

/** What is forbidden and happened, a line each. */
export type Law = (history: History) => Iterable<string>;

/** Violations of one law that are shown; one fault breaks a law many times. */
const SHOWN_MAX = 3;

export function check(laws: Readonly<Record<string, Law>>, history: History): Violation[] {
  return Object.entries(laws).flatMap(([law, forbidden]) =>
    [...forbidden(history)].slice(0, SHOWN_MAX).map((what) => ({ law, what })),
  );
}

export const iso = (at: number): string => new Date(at).toISOString();

/** Items by what they have in common, in their order. */
export function grouped<Item>(items: Iterable<Item>, keyOf: (item: Item) => string): Map<string, Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}
