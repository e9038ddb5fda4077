/**
 * Every claim and every term of an installation, live: the bucket of states keeps the last version of a record only, so the server is
 * asked to tell each one that it stores.
 */

import { names, type StateRecord, type TermRecord } from "@carillon/contracts";
import { jetstreamManager } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/transport-node";

export interface Claim {
  /** When the server stored the state that promises it first. */
  readonly at: number;
  readonly term: number;
  readonly partition: string;
}

export interface Claims {
  /** By message id of the target's command. */
  readonly byId: ReadonlyMap<string, Claim>;
  /** When the first term of a partition above `term` was stored; Infinity: there is none. */
  nextTermAt(partition: string, term: number): number;
}

export async function heedClaims(nc: NatsConnection): Promise<Claims> {
  const { buckets, keys } = names();
  const byId = new Map<string, Claim>();
  const terms: { partition: string; term: number; at: number }[] = [];
  const subject = `claims.${keys.subject(buckets.state, "")}`;
  nc.subscribe("claims.>", {
    callback: (_, message) => {
      if (message.data.length === 0) return;
      const key = message.subject.slice(subject.length);
      const at = Date.parse(message.headers?.get("Nats-Time-Stamp") ?? "");
      const partition = keys.term.parse(key)?.partition;
      if (partition !== undefined) {
        terms.push({ partition, term: message.json<TermRecord>().term, at });
        return;
      }
      const { owed = [], term } = message.json<StateRecord>();
      for (const one of owed) {
        if (one.kind !== "dispatch") continue;
        const id = `default.${one.executionId}.${one.attempt}`;
        if (!byId.has(id)) byId.set(id, { at, term, partition: key.split(".")[0] ?? "" });
      }
    },
  });
  const manager = await jetstreamManager(nc);
  await manager.streams.update(keys.stream(buckets.state), { republish: { src: ">", dest: "claims.>" } });
  return {
    byId,
    nextTermAt: (partition, term) =>
      Math.min(
        Number.POSITIVE_INFINITY,
        ...terms.filter((one) => one.partition === partition && one.term > term).map(({ at }) => at),
      ),
  };
}
