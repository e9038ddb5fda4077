/** Deterministic jitter: the same occurrence is always late by the same amount, on every worker and after every restart. */

import { fnv1a32 } from "@carillon/contracts";
import type { EpochMs } from "./instant.ts";

/** Milliseconds in [0, maxMs); 0 when maxMs is 0. */
export function jitterMs(seed: string, nominalAt: EpochMs, maxMs: number): number {
  return Math.floor(unitHash(`${seed}@${nominalAt}`) * maxMs);
}

/** A number in [0, 1) that depends on the text alone. */
export function unitHash(text: string): number {
  return scramble(fnv1a32(text)) / 2 ** 32;
}

/** FNV-1a leaves neighbouring texts close together; this finaliser (of MurmurHash3) spreads them. */
export function scramble(hash: number): number {
  let h = hash;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
