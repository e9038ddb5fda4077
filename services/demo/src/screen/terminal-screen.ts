/**
 * The demo as one picture on the terminal's second page, so that the first one is as it was when we leave. It is
 * looked at ten times a second and drawn where it differs; a process that ends in any way but SIGKILL gives the
 * page and the cursor back, and with them what the acts said, for whoever scrolls up.
 */

import type { WriteStream } from "node:tty";
import type { Line } from "../plain-words.ts";
import { frame } from "./frame.ts";
import type { Paint } from "./paint.ts";
import type { Gauges, Screen } from "./screen.ts";

const DRAW_EVERY_MS = 100;
/** More than the tallest terminal shows; older ones are forgotten. */
const EVENTS_MAX = 200;
/** Where a terminal does not tell its size. */
const SIZE = { columns: 80, rows: 24 };

/** Alternate page, hidden cursor, no wrapping at the right edge; and back. */
const ENTER = "\x1b[?1049h\x1b[?25l\x1b[?7l";
const LEAVE = "\x1b[?7h\x1b[?25h\x1b[?1049l";
const HOME = "\x1b[H";
/** Erased before a line is written: behind one that fills the width the cursor stands on its last character. */
const WHOLE_LINE = "\x1b[2K";
const REST_OF_PAGE = "\x1b[J";

export function terminalScreen(out: WriteStream, gauges: Gauges, paint: Paint): Screen {
  let act = "";
  let notes: string[] = [];
  const events: Line[] = [];
  const transcript: string[] = [];
  let drawn = "";
  const startedAt = performance.now();
  const draw = (): void => {
    const size = { columns: out.columns || SIZE.columns, rows: out.rows || SIZE.rows };
    const scene = { headline: gauges.headline(), corner: elapsed(startedAt), act, notes, events };
    const lines = frame({ ...scene, board: gauges.board(), ledger: gauges.ledger() }, size, paint);
    const below = lines.length < size.rows ? `\r\n${REST_OF_PAGE}` : "";
    const picture = HOME + lines.map((line) => WHOLE_LINE + line).join("\r\n") + below;
    if (picture === drawn) return;
    drawn = picture;
    out.write(picture);
  };
  const timer = setInterval(draw, DRAW_EVERY_MS);
  const close = (): void => {
    clearInterval(timer);
    process.removeListener("exit", close);
    out.removeListener("resize", draw);
    if (isOpen) out.write(LEAVE + transcript.map((line) => `${line}\n`).join(""));
    isOpen = false;
  };
  let isOpen = true;
  process.once("exit", close);
  out.on("resize", draw);
  out.write(ENTER);
  return {
    act: (title) => {
      act = title;
      notes = [];
      transcript.push(paint.strong(title));
    },
    note: (text) => {
      notes.push(text);
      transcript.push(`  ${text}`);
    },
    event: (line) => {
      events.push(line);
      if (events.length > EVENTS_MAX) events.shift();
    },
    close,
  };
}

function elapsed(startedAt: number): string {
  const seconds = Math.floor((performance.now() - startedAt) / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
