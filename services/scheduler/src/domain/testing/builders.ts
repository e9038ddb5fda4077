/**
 * Values for the domain's tests: a definition, a command, a schedule as it stands after its creation, and what it owes. Everything
 * that a test does not name is ordinary.
 */

import {
  type Announcement,
  type Dispatch,
  names,
  type Owed,
  type ScheduleDefinition,
  type StateRecord,
  type Trigger,
  type WorkerSettings,
  type WriteVerb,
} from "@carillon/contracts";
import type { Command, Envelope } from "../command.ts";
import { type Decision, decide, type Rules } from "../decide.ts";
import type { Defaults } from "../definition.ts";
import type { EpochMs } from "../instant.ts";
import { isDispatch, type Schedule } from "../schedule.ts";
import { compileTenants, type Tenants } from "../tenants.ts";
import type { Timeline } from "../timeline.ts";

export const NAMES = names();

/** A Saturday, 09:00:00 UTC: when commands are stored unless a test says otherwise. */
export const STORED_AT: EpochMs = Date.parse("2026-11-21T09:00:00Z");

/** What workers should agree on. */
export const SETTINGS: WorkerSettings = {
  version: "0.0.0",
  tenantsFile: "0d1ce0de",
  partitions: 32,
  leases: "nats",
  tzdata: "2026a",
};

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

export const iso = (at: EpochMs): string => new Date(at).toISOString();

/** First fire one minute after creation. */
export const everyMinute = { type: "interval", everySeconds: 60 } as const satisfies Trigger;

export const aDefinition = (patch: Partial<ScheduleDefinition> = {}): ScheduleDefinition => ({
  trigger: everyMinute,
  target: { subject: "cmd.notification.send" },
  ...patch,
});

export const DEFAULTS: Defaults = {
  timezone: "UTC",
  graceSeconds: 300,
  maxConcurrent: 3,
  maxAttempts: 4,
  retryDelaySeconds: 300,
  keepSeconds: 604_800,
  lookaheadMs: 365 * DAY,
};

export function aTenants(settings: { maxSchedules?: number; maxPayloadBytes?: number } = {}): Tenants {
  const compiled = compileTenants({
    file: { tenants: { acme: { targets: [{ subject: "cmd.notification.>" }], ...settings } } },
    payloadChecks: new Map(),
    maxSchedulesPerCreator: 1_000,
    installation: NAMES,
  });
  if (!compiled.ok) throw new Error(compiled.faults.join("\n"));
  return compiled.tenants;
}

export const RULES: Rules = {
  tenants: aTenants(),
  defaults: DEFAULTS,
  count: () => ({ tenant: 0, creator: 0 }),
};

export const aCommand = (verb: WriteVerb, patch: Partial<Command> = {}): Command => ({
  tenant: "acme",
  scheduleId: "daily",
  verb,
  body: undefined,
  commandId: `acme.${verb}-${patch.storedAt ?? STORED_AT}-${patch.sequence ?? 1}`,
  actor: "ada",
  reason: null,
  expectedVersion: null,
  dryRun: false,
  traceparent: null,
  storedAt: STORED_AT,
  sequence: 1,
  inbox: "2026-01-01T00:00:00Z",
  ...patch,
});

/** The command arrives after all others. */
export const later = (current: Schedule | null, command: Command): Command => ({
  ...command,
  sequence: (current?.state.memory.sequence ?? 0) + 1,
  commandId: `${command.commandId}.${current?.state.memory.sequence ?? 0}`,
});

export type Accepted = Extract<Decision, { kind: "accepted" }>;

/** The decision on a command that is expected to be accepted. */
export function accepted(current: Schedule | null, command: Command, rules: Rules = RULES): Accepted {
  const decision = decide(current, later(current, command), rules);
  if (decision.kind !== "accepted") throw new Error(JSON.stringify(decision));
  return decision;
}

/** The error of a command that is expected to be refused. */
export function refused(current: Schedule | null, command: Command, rules: Rules = RULES) {
  const decision = decide(current, later(current, command), rules);
  if (decision.kind !== "rejected") throw new Error(`not refused: ${decision.kind}`);
  return decision.error;
}

/** A schedule created at STORED_AT, its event told. */
export const aSchedule = (patch: Partial<ScheduleDefinition> = {}, storedAt: EpochMs = STORED_AT): Schedule =>
  settled(accepted(null, aCommand("create", { body: aDefinition(patch), storedAt })).schedule);

export const withState = (schedule: Schedule, patch: Partial<StateRecord>): Schedule => ({
  ...schedule,
  state: { ...schedule.state, ...patch },
});

/** Everything owed has been paid. */
export const settled = (schedule: Schedule): Schedule => withState(schedule, { owed: [] });

export const dispatchesOf = ({ owed }: StateRecord): Dispatch[] => owed.filter(isDispatch);

const isAnnouncement = (owed: Owed): owed is Announcement => owed.kind === "announcement";

export const eventsOf = ({ owed }: StateRecord): Announcement[] => owed.filter(isAnnouncement);

/** `missed`, `created` … in the order in which they are owed. */
export const toldBy = (state: StateRecord): string[] => eventsOf(state).map(({ what }) => what);

export const aDispatch = (patch: Partial<Dispatch> = {}): Dispatch => ({
  kind: "dispatch",
  executionId: "daily@20261121T090000000Z",
  attempt: 1,
  cause: "schedule",
  nominalAt: STORED_AT,
  dueAt: STORED_AT,
  previousAt: null,
  nextAt: null,
  claimedAt: STORED_AT,
  revision: 1,
  actor: null,
  traceparent: null,
  ...patch,
});

export const anAnnouncement = (patch: Partial<Announcement> = {}): Announcement => ({
  kind: "announcement",
  id: "acme.daily.paused.1",
  entity: "schedule",
  what: "paused",
  at: STORED_AT,
  data: {},
  definition: false,
  ...patch,
});

export const anEnvelope = ({
  headers = {},
  ...patch
}: Partial<Envelope> & { headers?: Record<string, string> } = {}): Envelope => ({
  subject: NAMES.inbox.build({ partition: 7, tenant: "acme", verb: "pause", scheduleId: "daily" }),
  data: new Uint8Array(),
  header: (name) => headers[name] ?? null,
  sequence: 1,
  storedAt: STORED_AT,
  inbox: "2026-01-01T00:00:00Z",
  ...patch,
});

/** The same timeline as an object of functions, some of which a test may replace. */
export const plain = (timeline: Timeline): Timeline => ({
  next: (after) => timeline.next(after),
  first: (acceptedAt) => timeline.first(acceptedAt),
  within: (nominalAt) => timeline.within(nominalAt),
  tally: (after, until, countMax) => timeline.tally(after, until, countMax),
  dueAt: (nominalAt) => timeline.dueAt(nominalAt),
  stepsMax: timeline.stepsMax,
  effort: timeline.effort,
  jitterMaxMs: timeline.jitterMaxMs,
  followsCompletion: timeline.followsCompletion,
  fault: timeline.fault,
});
