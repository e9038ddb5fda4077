/** The ports of the application on a connection to NATS, once everything they need has been declared there. */

import type { Names } from "@carillon/contracts";
import type { Clock, StreamFacts } from "../../app/ports.ts";
import type { Tell } from "../../app/signals.ts";
import type { Ports } from "../../compose.ts";
import { AckInbox } from "./ack-inbox.ts";
import type { Link } from "./connection.ts";
import { NatsFinder } from "./finder.ts";
import { NatsHeartbeats } from "./heartbeats.ts";
import { NatsHistory } from "./history.ts";
import { openInbox } from "./inbox.ts";
import { jsApi } from "./js-api.ts";
import { NatsLeases } from "./leases.ts";
import { NatsOutcomes } from "./outcomes.ts";
import { NatsPeers } from "./peers.ts";
import { NatsPublisher } from "./publisher.ts";
import { ServerWatch } from "./server-watch.ts";
import { NatsStore } from "./store.ts";
import { StreamWatch } from "./stream-watch.ts";
import { streamSpecs } from "./streams.ts";
import { captureTargets, declareTopology, TopologyFault, type TopologySettings } from "./topology.ts";

export interface NatsPorts extends Ports {
  /** Gives what new tenants capture a stream; faults, a line each: nothing has changed. */
  capture(patterns: readonly string[]): Promise<readonly string[]>;
  watch: ServerWatch;
  ground: StreamWatch;
}

export type PortsSettings = TopologySettings & { poolSize: number; inboxPrefix: string };

/** Throws ServerTooOld and TopologyFault. */
export async function openPorts(
  { clock, link, names, tell }: { clock: Clock; link: Link; names: Names; tell: Tell },
  settings: PortsSettings,
): Promise<NatsPorts> {
  const { inboxPrefix, poolSize } = settings;
  const api = jsApi({ clock, tell, link });
  await api.assertJetStream();
  const finder = new NatsFinder({ clock, link, api, inboxPrefix });
  const streamOf = (subject: string, fresh: boolean): Promise<StreamFacts | null> =>
    finder.streamOf(subject, fresh);
  const acks = new AckInbox({ clock, link, streamOf }, { poolSize, inboxPrefix });
  const topology = { api, inbox: acks, names, tell };
  await declareTopology(topology, settings);
  const ground = new StreamWatch({ api, names, clock, tell }, streamSpecs(names, settings), settings);
  await ground.start();
  const outcomes = new NatsOutcomes({ clock, link, inboxPrefix });
  const inbox = await openInbox({ clock, link, api, inbox: acks, names, tell, inboxPrefix });
  return {
    clock,
    tell,
    finder,
    inbox,
    ground,
    publisher: new NatsPublisher({ clock, link, inbox: acks, outcomes }),
    history: new NatsHistory({ clock, link, api, inboxPrefix }),
    store: new NatsStore({ clock, link, api, inbox: acks, names, inboxPrefix }, settings.partitions),
    leases: new NatsLeases({ clock, link, api, names }),
    heartbeats: new NatsHeartbeats({ clock, tell, link, api, names, inboxPrefix }),
    outcomes,
    peers: new NatsPeers({ clock, link, names, inboxPrefix }),
    watch: new ServerWatch({ api, names, clock }),
    capture: async (captures) => {
      try {
        await captureTargets(topology, { captures, replicas: settings.replicas });
        return [];
      } catch (error) {
        if (error instanceof TopologyFault) return error.faults;
        throw error;
      }
    },
  };
}
