/** What a part of the soak run found: figures for people, and what is wrong. */

export interface Report {
  readonly lines: readonly string[];
  /** Empty: the part has passed. */
  readonly faults: readonly string[];
}
