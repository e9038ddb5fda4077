/*
 * One hash over the answers to all cases of other projects, and over their words. Run as a program it prints the
 * machine's own hour at midnight UTC of 2026-01-01, and the hash, on which the machine's zone has no influence.
 */
import { createHash } from "node:crypto";
import { describe } from "../recurrence/index.ts";
import { answer, resolvedOf, vectorsOf } from "./vectors.ts";

export function digest(): string {
  const hash = createHash("sha256");
  for (const kind of ["cron", "rrule"] as const) {
    for (const vector of vectorsOf(kind)) {
      const resolved = resolvedOf(kind, vector);
      const words = resolved.ok ? describe(resolved.trigger) : resolved.fault.message;
      hash.update(JSON.stringify([vector.id, answer(kind, vector), words]));
    }
  }
  return hash.digest("hex");
}

if (import.meta.main) {
  const hourAtMidnight = new Date(Date.UTC(2026, 0, 1)).getHours();
  process.stdout.write(`${hourAtMidnight} ${digest()}\n`);
}
