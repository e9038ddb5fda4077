/**
 * The whole screen as lines, worked out from what there is to show and the size of the terminal. From the top:
 * where we are, a line per schedule, the ledger, the act with its notes, and the last events in what is left.
 */

import type { Row } from "../auditor/ledger.ts";
import type { BoardRow } from "../board.ts";
import type { Line } from "../plain-words.ts";
import { duration, shortTimeOfDay } from "../wording.ts";
import { cut, fill, fillLeft, rule, wrap } from "./layout.ts";
import type { Paint } from "./paint.ts";

export interface Scene {
  /** What stands in the first line, and at its right end. */
  readonly headline: string;
  readonly corner: string;
  readonly board: readonly BoardRow[];
  readonly ledger: Row;
  readonly act: string;
  /** Of this act, oldest first. */
  readonly notes: readonly string[];
  /** Oldest first. */
  readonly events: readonly Line[];
}

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** Lines of events at least, before schedules are left out. */
const EVENT_LINES_MIN = 4;
/** Headline, column heads, ledger, rule of the act, rule of the events. */
const FIXED_LINES = 5;
/** Of an act with more to say, the oldest lines are left out. */
const NOTE_LINES_MAX = 5;

/** At most `size.rows` lines of at most `size.columns` characters, colours not counted. */
export function frame(scene: Scene, size: Size, paint: Paint): string[] {
  const { columns, rows } = size;
  const notes = scene.notes.flatMap((note) => wrap(note, columns - 2)).slice(-NOTE_LINES_MAX);
  const room = rows - FIXED_LINES - notes.length;
  const board = boardLines(scene.board, { columns, rows: Math.max(1, room - EVENT_LINES_MIN) }, paint);
  const events = scene.events.slice(-Math.max(1, room - board.length));
  return [
    headline(scene, columns, paint),
    paint.dim(boardLine(HEADS, columns)),
    ...board,
    ledgerLine(scene.ledger, columns, paint),
    paint.accent(rule(scene.act, columns)),
    ...notes.map((note) => `  ${note}`),
    paint.dim(rule("last events", columns)),
    ...events.map((line) => eventLine(line, columns, paint)),
  ].slice(0, rows);
}

function headline({ headline, corner }: Scene, columns: number, paint: Paint): string {
  return paint.strong(fill(headline, columns - corner.length - 1)) + paint.dim(` ${corner}`);
}

const HEADS = ["schedule", "trigger", "next fire", "last lag", "fired"] as const;
const WIDTHS = [15, 22, 14, 9, 6] as const;

function boardLine(cells: readonly [string, string, string, string, string], columns: number): string {
  const [id, trigger, next, lag, fired] = cells;
  const [idWidth, triggerWidth, nextWidth, lagWidth, firedWidth] = WIDTHS;
  const line = [
    fill(id, idWidth),
    fill(trigger, triggerWidth),
    fill(next, nextWidth),
    fillLeft(lag, lagWidth),
    fillLeft(fired, firedWidth),
  ].join("  ");
  return cut(line, columns);
}

/** One line a schedule; where they do not fit, those that still fire, and how many more there are. */
function boardLines(board: readonly BoardRow[], { columns, rows }: Size, paint: Paint): string[] {
  const shown = board.length <= rows ? board : activeFirst(board).slice(0, rows - 1);
  const lines = shown.map((row) => {
    const { scheduleId, trigger, lagMs, fired } = row;
    const lag = lagMs === null ? "–" : duration(lagMs);
    const line = boardLine([scheduleId, trigger, nextWords(row), lag, String(fired)], columns);
    return row.status === "active" ? line : paint.dim(line);
  });
  const hidden = board.length - shown.length;
  return hidden === 0 ? lines : [...lines, paint.dim(cut(`… and ${hidden} more`, columns))];
}

const activeFirst = (board: readonly BoardRow[]): BoardRow[] =>
  board.toSorted((a, b) => Number(b.status === "active") - Number(a.status === "active"));

const nextWords = ({ status, nextAt }: BoardRow): string => {
  if (status !== "active") return status;
  return nextAt === null ? "–" : shortTimeOfDay(nextAt);
};

/** `planned 12 = fired 11 + explained 1 · lost 0 · doubled 0`. */
export function ledgerWords({ planned, fired, explained, waiting, lost, doubled }: Row): string {
  const open = waiting === 0 ? "" : ` + waiting ${waiting}`;
  return `planned ${planned} = fired ${fired} + explained ${explained}${open} · lost ${lost} · doubled ${doubled}`;
}

function ledgerLine(ledger: Row, columns: number, paint: Paint): string {
  const line = cut(`ledger: ${ledgerWords(ledger)}`, columns);
  return ledger.lost + ledger.doubled === 0 ? paint.good(line) : paint.bad(line);
}

export function eventLine({ at, words, tone }: Line, columns: number, paint: Paint): string {
  const brush = {
    fired: (text: string) => text,
    late: paint.warn,
    unfired: paint.warn,
    refused: paint.bad,
    change: paint.accent,
  }[tone];
  return `${paint.dim(at)} ${brush(cut(words, columns - at.length - 1))}`;
}
