/** Which of several answers speaks for which partition. Around a handover two workers may name the same one: the higher term counts. */

import type { OwnedPartition } from "@carillon/contracts";

export interface Claim<Answer> {
  readonly answer: Answer;
  readonly term: number;
}

/** By partition; those that nobody names are left out. */
export function ownersOf<Answer extends { readonly partitions: readonly OwnedPartition[] }>(
  answers: readonly Answer[],
  partitions: number,
): ReadonlyMap<number, Claim<Answer>> {
  const owners = new Map<number, Claim<Answer>>();
  for (const answer of answers) {
    for (const { partition, term } of answer.partitions) {
      const known = owners.get(partition)?.term ?? 0;
      if (partition < partitions && term > known) owners.set(partition, { answer, term });
    }
  }
  return owners;
}
