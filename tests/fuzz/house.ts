/**
 * A worker's reading of what it is sent, put together from the production's own parts in one process and without a
 * clock: headers → sender → command → decision → what is stored and told; and the rpc side in front of it. The buckets
 * are maps, the inbox hands each command over at once. Every output is held against the laws.
 */

import { type ErrorReply, names, type OkReply, partitionOf } from "@carillon/contracts";
import { parseHeaders } from "../../services/scheduler/src/adapters/nats/heard-headers.ts";
import { answerRpc, answerStray } from "../../services/scheduler/src/app/api.ts";
import { Courier } from "../../services/scheduler/src/app/delivery.ts";
import { Holdings } from "../../services/scheduler/src/app/holdings.ts";
import type { Partition } from "../../services/scheduler/src/app/partition.ts";
import type { Clock } from "../../services/scheduler/src/app/ports.ts";
import { Records } from "../../services/scheduler/src/app/records.ts";
import { Refuser } from "../../services/scheduler/src/app/refuser.ts";
import { Verifier } from "../../services/scheduler/src/app/verify.ts";
import {
  type Command,
  type Envelope,
  readCommand,
  type Sender,
  senderOf,
} from "../../services/scheduler/src/domain/command.ts";
import { type Decision, decide, type Rules } from "../../services/scheduler/src/domain/decide.ts";
import type { Schedule } from "../../services/scheduler/src/domain/schedule.ts";
import { compileTenants } from "../../services/scheduler/src/domain/tenants.ts";
import { DEFAULTS, SETTINGS } from "../../services/scheduler/src/domain/testing/builders.ts";
import { viewOf } from "../../services/scheduler/src/domain/view.ts";
import { NOW } from "./definitions.ts";
import { checkError, checkReply, checkSchedule, demand } from "./laws.ts";
import type { Wire } from "./messages.ts";
import { FINDER, LEASES, NO_HISTORY, PEERS, publisherOf, storeOf } from "./outside.ts";

const NAMES = names();
const PARTITIONS = 4;

/** Entries of the tenant `acme`. */
export const ENTRIES = [
  "cmd.notification.>",
  "orders.*",
  "a.*.c",
  "cmd.scheduler.acme.trigger.other",
  "cmd.scheduler.>",
];

const compiled = compileTenants({
  file: {
    tenants: {
      acme: { targets: ENTRIES.map((subject) => ({ subject })), maxPayloadBytes: 2_000 },
      beta: { targets: [] },
    },
  },
  payloadChecks: new Map(),
  maxSchedulesPerCreator: 1_000,
  installation: NAMES,
});
if (!compiled.ok) throw new Error(compiled.faults.join("\n"));
export const { tenants } = compiled;

const RULES: Rules = { tenants, defaults: DEFAULTS, count: () => ({ tenant: 0, creator: 0 }) };

const clock: Clock = {
  now: () => NOW,
  monotonicMs: () => 0,
  // Whatever is waited for here has happened already.
  after: () => () => {},
};

/** What became of one message: `accepted`, `answered`, `ignored`, or the code of its refusal. */
export type Verdict = string;

export interface House {
  take(wire: Wire): Promise<Verdict>;
}

export function openHouse(): House {
  const schedules = new Map<string, Schedule>();
  const store = storeOf(schedules);
  const records = new Records({ store, names: NAMES, tell: () => {} });
  const courier = new Courier({ publisher: publisherOf(), finder: FINDER, clock, tell: () => {} });
  const refuser = new Refuser({ names: NAMES, courier, tell: () => {} }, () => true);
  let sequence = 0;
  let drawn = 0;

  const durable = async (subject: string, data: Uint8Array, header: Envelope["header"]) => {
    sequence++;
    const envelope: Envelope = {
      subject: transformed(subject),
      data,
      header,
      sequence,
      storedAt: NOW + sequence,
      inbox: "2026-01-01T00:00:00Z",
    };
    const sender = senderOf(envelope, NAMES);
    const reply = await outcomeOf(envelope, sender);
    checkReply(reply, sender.verb ?? "");
    return { reply, replyTo: sender.replyTo };
  };

  const outcomeOf = async (envelope: Envelope, sender: Sender): Promise<OkReply | ErrorReply> => {
    const read = readCommand(envelope, sender, { names: NAMES, tenants });
    const key = `${sender.tenant}.${sender.scheduleId}`;
    const before = schedules.get(key) ?? null;
    const decision: Decision = read.ok
      ? decideToTheEnd(before, read.value)
      : { kind: "rejected", error: read.error };
    if (decision.kind === "rejected") {
      checkError(
        decision.error,
        read.ok ? { ...before?.record.definition, ...asObject(read.value.body) } : {},
      );
      await refuser.refuse(sender, decision.error, envelope.storedAt);
      return { ok: false, error: decision.error };
    }
    demand(decision.kind === "accepted" || decision.kind === "repeated", `a new command is ${decision.kind}`);
    if (decision.kind === "accepted" && read.ok && !read.value.dryRun) schedules.set(key, decision.schedule);
    await checkSchedule(decision.schedule, records);
    return { ok: true, schedule: viewOf(decision.schedule, decision.outcome), warnings: [] };
  };

  const api = {
    peers: PEERS,
    leases: LEASES,
    leaseTtlMs: 5_000,
    natsServer: () => "0.0.0",
    roster: { size: 0, differences: () => [] },
    holdings: new Holdings({
      clock,
      peers: PEERS,
      worker: OWNER_OF_NOTHING,
      name: "w",
      records,
      settings: () => SETTINGS,
      count: () => 0,
    }),
    verifier: new Verifier({
      names: NAMES,
      clock,
      store,
      records,
      finder: FINDER,
      history: NO_HISTORY,
      partitions: PARTITIONS,
    }),
    names: NAMES,
    clock,
    store,
    records,
    refuser,
    partitions: PARTITIONS,
    rules: () => RULES,
    randomId: () => `random-${++drawn}`,
  };

  const asked = async (wire: Wire): Promise<Verdict> => {
    let answer: Promise<string | null> = Promise.resolve(null);
    const inbox = {
      createdAt: "2026-01-01T00:00:00Z",
      open: () => Promise.reject(new Error("nobody reads")),
      pending: async () => 0,
      post: async (subject: string, data: Uint8Array, given: Readonly<Record<string, string>>) => {
        const { reply, replyTo } = await durable(subject, data, (name) => given[name] ?? null);
        demand(replyTo === OUTCOME, `the outcome goes to ${replyTo}`);
        answer = Promise.resolve(JSON.stringify(reply));
        return sequence;
      },
    };
    const outcomes = {
      expect: () => ({
        subject: OUTCOME,
        forget: () => {},
        get answer() {
          return answer;
        },
      }),
    };
    const request = {
      subject: wire.subject,
      data: wire.body,
      header: parseHeaders(wire.headers).get,
      reply: wire.reply,
    };
    const heard = takenByEndpoint(wire.subject) ? answerRpc : answerStray;
    const answered = await heard({ ...api, inbox, outcomes })(request);
    if (answered === null) return "ignored";
    const reply: OkReply | ErrorReply = JSON.parse(answered.data);
    checkReply(reply, wire.subject.split(".")[3] ?? "");
    return reply.ok ? "answered" : reply.error.code;
  };

  return {
    take: async (wire) => {
      if (wire.family === "rpc") return asked(wire);
      const { reply } = await durable(wire.subject, wire.body, parseHeaders(wire.headers).get);
      return reply.ok ? "accepted" : reply.error.code;
    },
  };
}

const OUTCOME = "_INBOX.outcome.1";

/** Holds every partition, and no schedule in any. */
const OWNER_OF_NOTHING = {
  role: { role: "active" as const, sinceAt: NOW },
  speaking: () =>
    Array.from({ length: PARTITIONS }, (_, partition): Partition => {
      const gauges = { backlog: 0, nextAt: null, running: new Map() };
      return { partition, term: 1, schedules: () => [], gauges: () => gauges } as unknown as Partition;
    }),
};

/** Waiving is bounded per call; so is how often it is asked. */
const CALLS_MAX = 100;

function decideToTheEnd(before: Schedule | null, command: Command): Decision {
  let current = before;
  for (let calls = 0; calls < CALLS_MAX; calls++) {
    const decision = decide(current, command, RULES);
    if (decision.kind !== "waiving" || current === null) return decision;
    current = { ...current, state: decision.state };
  }
  throw new Error(`undecided after ${CALLS_MAX} calls`);
}

/** As the server's transform stores it: five tokens, none empty and none a wildcard. */
function transformed(subject: string): string {
  const place = NAMES.command.parse(subject);
  if (place === null || Object.values(place).some((token) => token === "*" || token === ">")) return subject;
  return NAMES.inbox.build({ ...place, partition: partitionOf(place.tenant, place.scheduleId, PARTITIONS) });
}

const takenByEndpoint = (subject: string): boolean => NAMES.rpc.parse(subject) !== null;

const asObject = (value: unknown): object => (typeof value === "object" && value !== null ? value : {});
