/** What every step of a change of the number of partitions needs, and the words in which it refuses or gives up. */

import type { Names } from "@carillon/contracts";
import type { Guard } from "../../../app/ports.ts";
import { OWN_LANE } from "../../../app/ports.ts";
import type { Renumbering } from "../../../domain/repartition.ts";
import type { AckInbox } from "../ack-inbox.ts";
import type { PushReaderDeps } from "../push-reader.ts";
import type { Piece } from "../wire.ts";

export interface StepDeps extends PushReaderDeps {
  acks: AckInbox;
  names: Names;
  /** Are we still the only ones at it? */
  guard: Guard;
  /** Progress, a line for people. */
  say(line: string): void;
}

export interface Step extends StepDeps {
  change: Renumbering;
}

/** It cannot be done, or not now; a line that says what to do. */
export class RepartitionRefused extends Error {
  override name = "RepartitionRefused";
}

export interface Writing {
  subject: string;
  data: Piece;
  headers: Piece;
}

/** The sequence under which it is stored; null: another message came first. Throws RepartitionRefused. */
export async function store({ acks, guard }: StepDeps, writing: Writing): Promise<number | null> {
  const outcome = await acks.ship({ ...writing, lane: OWN_LANE, guard, patienceMs: null });
  if (outcome.kind === "stored") return outcome.sequence;
  if (outcome.kind === "stale") return null;
  const words = outcome.kind === "refused" ? outcome.description : "not answered";
  throw new RepartitionRefused(`${writing.subject} cannot be stored: ${words}; mend that and run this again`);
}
