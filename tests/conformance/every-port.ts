/** The suites of all ports, held to one kind of bench. */

import type { Open } from "./bench.ts";
import { clockConformance } from "./clock.ts";
import { finderConformance } from "./finder.ts";
import { heartbeatsConformance } from "./heartbeats.ts";
import { historyConformance } from "./history.ts";
import { inboxConformance } from "./inbox.ts";
import { leasesConformance } from "./leases.ts";
import { outcomesConformance } from "./outcomes.ts";
import { peersConformance } from "./peers.ts";
import { publisherConformance } from "./publisher.ts";
import { storeConformance } from "./store.ts";

const SUITES = [
  clockConformance,
  finderConformance,
  heartbeatsConformance,
  historyConformance,
  inboxConformance,
  leasesConformance,
  outcomesConformance,
  peersConformance,
  publisherConformance,
  storeConformance,
];

export function everyPort(name: string, open: Open): void {
  for (const suite of SUITES) suite(name, open);
}
