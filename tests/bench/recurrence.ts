/** When: cron beside croner, recurrence rules beside rrule.js, zones beside Temporal. */

import { cronFigures } from "./cron-figures.ts";
import type { Bench } from "./figure.ts";
import { rruleFigures } from "./rrule-figures.ts";
import { zoneFigures } from "./zone-figures.ts";

export const recurrence: Bench = {
  name: "recurrence",
  what: "the next time, and what it costs to keep one's place",
  run: ({ quick }) => ({ figures: [...cronFigures(quick), ...rruleFigures(quick), ...zoneFigures(quick)] }),
};
