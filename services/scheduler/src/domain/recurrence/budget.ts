/*
 * Steps that one question may cost. A step looks at one candidate, a day or a period, and takes about a tenth of a
 * microsecond. The rules of one text share a budget evenly, so that a hopeless one does not starve the others.
 */
export interface Budget {
  left: number;
}

/** One `next`, all rules together. */
export const SEARCH_STEPS_MAX = 50_000;
/** Walking through COUNT once; a text that needs more is refused. */
export const COUNT_STEPS_MAX = 50_000;
/** One question that walks from time to time, such as a preview; it then answers with what it has found. */
export const ANSWER_STEPS_MAX = 20_000;

/** What the questions to one recurrence have cost so far. */
export interface Effort {
  /** Steps of all of them. */
  spent: number;
  /** The last one found nothing because it had no steps left, not because there is nothing. */
  ranOut: boolean;
}

/** Of a recurrence whose every answer is cheap. */
export const NO_EFFORT: Readonly<Effort> = Object.freeze({ spent: 0, ranOut: false });

/** For searches that are short by themselves. */
export const UNLIMITED: Budget = { left: Number.POSITIVE_INFINITY };

/** Takes `steps` away; false when they are no longer there. */
export function spend(budget: Budget, steps: number): boolean {
  budget.left -= steps;
  return budget.left >= 0;
}
