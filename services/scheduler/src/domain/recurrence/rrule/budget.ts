/*
 * Steps that one question may cost. A rule whose parts never meet (`FREQ=DAILY;INTERVAL=7;BYDAY=TU` from a
 * Monday) would be searched to the end of time; with the budget spent, the answer is that nothing was found.
 */
export interface Budget {
  left: number;
}

/** Days or sub-daily periods that one `next` may look at: some 270 years of days, a few milliseconds. */
export const SEARCH_STEPS_MAX = 100_000;
/** The same for walking through COUNT once, all rules of a text together; a rule that needs more is refused. */
export const COUNT_STEPS_MAX = 200_000;

/** Takes `steps` away; false when they are no longer there. */
export function spend(budget: Budget, steps: number): boolean {
  budget.left -= steps;
  return budget.left >= 0;
}
