/** Stored records: those of schedules that were accepted, spoilt as a disk, a newer version or a person might. */

import { equalJson } from "@carillon/contracts";
import fc from "fast-check";
import type { Store } from "../../services/scheduler/src/app/ports.ts";
import { Records } from "../../services/scheduler/src/app/records.ts";
import { advance } from "../../services/scheduler/src/domain/advance.ts";
import { decide } from "../../services/scheduler/src/domain/decide.ts";
import { wakeAt } from "../../services/scheduler/src/domain/schedule.ts";
import {
  aCommand,
  aDefinition,
  aDispatch,
  anAnnouncement,
  aSchedule,
  DAY,
  NAMES,
  RULES,
  STORED_AT,
  withState,
} from "../../services/scheduler/src/domain/testing/builders.ts";
import { viewOf } from "../../services/scheduler/src/domain/view.ts";
import { demand } from "./laws.ts";
import { spoiltJson } from "./messages.ts";
import { mutated } from "./odd.ts";

export interface RecordInput {
  readonly state: Uint8Array;
  readonly definition: Uint8Array;
}

const TRIGGERS = [
  { type: "interval", everySeconds: 60 },
  { type: "cron", expression: "0 9 * * *", timezone: "Europe/Vienna" },
  { type: "rrule", rrule: "FREQ=DAILY" },
  { type: "delay", delaySeconds: 5 },
  { type: "manual" },
] as const;

const dispatch = aDispatch();
const schedules = TRIGGERS.map((trigger) =>
  withState(aSchedule(aDefinition({ trigger, payload: { a: 1 }, tags: ["t"] })), {
    revision: 1,
    owed: [
      dispatch,
      anAnnouncement(),
      { kind: "letter", dispatch, reason: "no_stream", description: "d", at: STORED_AT },
    ],
    retries: [{ dispatch: { ...dispatch, attempt: 2 }, retryAt: STORED_AT }],
    gap: { firstNominalAt: STORED_AT, lastNominalAt: STORED_AT, count: 1, reason: "coalesced" },
  }),
);

export const recordInput: fc.Arbitrary<RecordInput> = fc.constantFrom(...schedules).chain((schedule) =>
  fc.record({
    state: spoiltJson(fc.oneof(fc.constant(schedule.state), mutated(fc.constant(schedule.state)))),
    definition: spoiltJson(fc.oneof(fc.constant(schedule.record), mutated(fc.constant(schedule.record)))),
  }),
);

/** Unreadable, or a schedule that can be shown, woken, advanced and commanded like any other. */
export async function judgeRecord({ state, definition }: RecordInput): Promise<string> {
  const records = new Records({ store: NOTHING, names: NAMES, tell: () => {} });
  const stored = (value: Uint8Array) => ({ key: "0.acme.daily", value, revision: 1, storedAt: STORED_AT });
  const opened = await records.inspect(stored(state), stored(definition));
  if (!opened.ok) {
    demand(opened.fault.message !== "", "an unreadable record, and nobody says why");
    return "unreadable";
  }
  const { schedule } = opened;
  demand(
    equalJson(JSON.parse(new TextDecoder().decode(state)), schedule.state),
    "a record that reads otherwise than it was written",
  );
  viewOf(schedule);
  wakeAt(schedule);
  advance(schedule, STORED_AT + DAY, false);
  for (const verb of ["pause", "resume", "trigger", "update", "delete"] as const) {
    decide(
      schedule,
      aCommand(verb, { body: verb === "update" ? { enabled: false } : undefined, sequence: 99 }),
      RULES,
    );
  }
  return "read";
}

const NOTHING: Store = {
  serverNow: async () => STORED_AT,
  load: async () => {},
  read: async () => null,
  lastRevision: async () => 0,
  readRevision: async () => null,
  readRevisions: async (_, wanted) => wanted.map(() => null),
  write: () => Promise.reject(new Error("nothing is written here")),
  purge: () => Promise.reject(new Error("nothing is written here")),
};
