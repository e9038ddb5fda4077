/**
 * What the demo and its auditor say to each other: one JSON value a line, the demo's on the auditor's standard
 * input, the auditor's on its standard output.
 */

import type { Lag, Outage } from "./lag.ts";
import type { Row, Table } from "./ledger.ts";

/** From the demo. `finish`: judge what was due by then (epoch ms), tell the verdict and end. */
export type AuditorOrder =
  | ({ readonly kind: "outage" } & Outage)
  | { readonly kind: "finish"; readonly untilAt: number };

/** From the auditor. `reading`: it has found its streams and misses nothing from now on. */
export type AuditorWord =
  | { readonly kind: "reading" }
  | { readonly kind: "ledger"; readonly total: Row }
  | { readonly kind: "verdict"; readonly table: Table; readonly lag: Lag; readonly balanced: boolean };
