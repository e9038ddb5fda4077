/*
 * Steps that one question may cost. A rule whose parts never meet (`FREQ=DAILY;INTERVAL=7;BYDAY=TU` from a
 * Monday) would be searched to the end of time; with the budget spent, the answer is that nothing was found.
 * The rules of one text share a budget evenly, so that a hopeless one does not starve the others.
 */
export interface Budget {
  left: number;
}

/** Days that one `next` may look at, all rules together: some 270 years of days, about ten milliseconds. */
export const SEARCH_STEPS_MAX = 100_000;
/** The same for walking through COUNT once; a text that needs more is refused. */
export const COUNT_STEPS_MAX = 200_000;
/** What a period shorter than a day costs: it is tested part by part. */
export const SUBDAILY_STEPS = 3;

/** Takes `steps` away; false when they are no longer there. */
export function spend(budget: Budget, steps: number): boolean {
  budget.left -= steps;
  return budget.left >= 0;
}
