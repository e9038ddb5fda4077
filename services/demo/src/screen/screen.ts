/**
 * Where the demo is shown: on a terminal as one picture that changes, elsewhere as lines. What happens comes in
 * through the methods; what can be looked up at any time (schedules, ledger) comes through the gauges.
 */

import type { Row } from "../auditor/ledger.ts";
import type { BoardRow } from "../board.ts";
import type { Line } from "../plain-words.ts";

export interface Gauges {
  board(): readonly BoardRow[];
  ledger(): Row;
  /** The line on top. */
  headline(): string;
}

export interface Screen {
  act(title: string): void;
  note(text: string): void;
  event(line: Line): void;
  /** Gives the terminal back. Idempotent. */
  close(): void;
}
