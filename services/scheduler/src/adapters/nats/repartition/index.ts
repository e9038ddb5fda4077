/** A change of the number of partitions on a connection to NATS. */

import type { Names } from "@carillon/contracts";
import type { Clock } from "../../../app/ports.ts";
import type { Tell } from "../../../app/signals.ts";
import { AckInbox } from "../ack-inbox.ts";
import type { Link } from "../connection.ts";
import { jsApi } from "../js-api.ts";
import { repartition, type Wish } from "./repartition.ts";

/** On its way at once. */
const POOL_SIZE = 2_048;

/** Throws ServerTooOld, RepartitionRefused and Abandoned. */
export async function repartitionOver(
  {
    clock,
    link,
    names,
    tell,
    say,
  }: { clock: Clock; link: Link; names: Names; tell: Tell; say(line: string): void },
  wish: Wish & { inboxPrefix: string },
): Promise<void> {
  const { inboxPrefix } = wish;
  const api = jsApi({ clock, tell, link });
  await api.assertJetStream();
  const acks = new AckInbox(
    { clock, link, streamOf: async () => null },
    { poolSize: POOL_SIZE, inboxPrefix },
  );
  try {
    await repartition({ clock, link, api, inboxPrefix, acks, names, say }, wish);
  } finally {
    acks.close();
  }
}
