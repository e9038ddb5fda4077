/** Chooses how the demo is shown: a picture where the output is a terminal, lines elsewhere. */

import type { WriteStream } from "node:tty";
import { isColourUnwelcome, isDumbTerminal } from "../surroundings.ts";
import { lineScreen } from "./line-screen.ts";
import { type Paint, paint as paintOf } from "./paint.ts";
import type { Gauges, Screen } from "./screen.ts";
import { terminalScreen } from "./terminal-screen.ts";

export interface Output {
  readonly paint: Paint;
  /** A line outside of the screen: before it opens, or after it closed. */
  readonly print: (line: string) => void;
  readonly screenFor: (gauges: Gauges) => Screen;
}

export function openScreen(out: WriteStream): Output {
  const isTerminal = out.isTTY === true && !isDumbTerminal();
  const paint = paintOf(isTerminal && !isColourUnwelcome());
  const open = isTerminal ? terminalScreen : lineScreen;
  return {
    paint,
    print: (line) => void out.write(`${line}\n`),
    screenFor: (gauges) => open(out, gauges, paint),
  };
}
