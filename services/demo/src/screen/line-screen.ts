/** The demo as plain lines, for a pipe, a log, or a terminal that cannot move its cursor. */

import { eventLine, ledgerWords } from "./frame.ts";
import type { Paint } from "./paint.ts";
import type { Gauges, Screen } from "./screen.ts";

export function lineScreen(out: NodeJS.WritableStream, gauges: Gauges, paint: Paint): Screen {
  const write = (line: string): void => void out.write(`${line}\n`);
  const tellLedger = (): void => {
    const ledger = gauges.ledger();
    if (ledger.planned > 0) write(paint.dim(`   ledger: ${ledgerWords(ledger)}`));
  };
  return {
    act: (title) => {
      tellLedger();
      write("");
      write(paint.strong(`== ${title}`));
    },
    note: (text) => write(`   ${text}`),
    event: (line) => write(eventLine(line, Number.POSITIVE_INFINITY, paint)),
    close: () => {},
  };
}
