/**
 * Who should own which partition, by rendezvous hashing (Thaler and Ravishankar, 1998): each pair of a worker and a partition has a
 * weight, and the heaviest worker is wanted. All who know the same workers come to the same result without a word, and a worker that
 * joins or leaves moves only what becomes, or was, its own.
 */

import { fnv1a32 } from "@carillon/contracts";

/** The worker that is wanted for a partition; null: there is none. */
export function wantedFor(partition: number, workers: Iterable<string>): string | null {
  let wanted: string | null = null;
  let heaviest = -1;
  for (const worker of workers) {
    const weight = mix(fnv1a32(worker) ^ Math.imul(partition + 1, GOLDEN));
    const ahead = weight > heaviest || (weight === heaviest && wanted !== null && worker < wanted);
    if (ahead) [wanted, heaviest] = [worker, weight];
  }
  return wanted;
}

/** 2^32 divided by the golden ratio: neighbouring partitions get unlike bits. */
const GOLDEN = 0x9e3779b1;

/** The finalizer of MurmurHash3: each bit of the input changes half of those of the result. */
function mix(value: number): number {
  let bits = value;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}
