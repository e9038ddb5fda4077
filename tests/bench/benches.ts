/** The benchmarks by name; a new one is a file and a line here. */

import { capacity } from "./capacity.ts";
import { commands } from "./commands.ts";
import { cost } from "./cost.ts";
import type { Bench } from "./figure.ts";
import { herd } from "./herd.ts";
import { hostile } from "./hostile.ts";
import { limit } from "./limit.ts";
import { recurrence } from "./recurrence.ts";
import { scaleOut } from "./scale-out.ts";
import { sustained } from "./sustained.ts";

export const BENCHES: readonly Bench[] = [
  recurrence,
  hostile,
  limit,
  sustained,
  herd,
  capacity,
  commands,
  scaleOut,
  cost,
];
