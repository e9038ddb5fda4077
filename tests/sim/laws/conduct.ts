/** Of the workers: no bug, and no term that ends without a cause. */

import type { Law } from "./law.ts";

export const noBug: Law = function* ({ told }) {
  for (const { worker, signal } of told) {
    if (signal.kind === "bug") yield `${worker}: ${signal.error.stack ?? signal.error.message}`;
    if (signal.kind === "record.unreadable")
      yield `${worker}: ${signal.bucket} ${signal.key}: ${signal.message}`;
  }
};

/** Whoever says that a higher term exists has been overtaken. */
export const overtaken: Law = function* ({ told, terms }) {
  for (const { worker, atMs, signal } of told) {
    if (signal.kind !== "lease.lost" || signal.reason !== "fenced") continue;
    const own = terms.find(({ record, atMs: at }) => record.worker === worker && at <= atMs);
    const since = own?.atMs ?? 0;
    const rival = terms.some(({ record, atMs: at }) => record.worker !== worker && at >= since && at <= atMs);
    if (!rival) yield `${worker} gave its term up at ${atMs} ms, and nobody had taken it`;
  }
};
