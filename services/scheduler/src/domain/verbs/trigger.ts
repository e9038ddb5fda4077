/** The verb `trigger`: fires now, whatever the clock; also while paused. */

import { hash } from "node:crypto";
import { type Dispatch, executionIdOfCommand, type TriggerBody, validate } from "@carillon/contracts";
import type { Effect } from "../decide.ts";
import { reject } from "../rejection.ts";
import { hasRoom } from "../schedule.ts";
import { checkTarget } from "../target.ts";
import { readBody } from "./body.ts";
import type { Question } from "./index.ts";

export function decideTrigger({ living, command, rules }: Question): Effect {
  const body = readBody<TriggerBody>(command.body, validate.triggerBody);
  if (!body.ok) return body.effect;
  if (living === null) return refuse(reject("not_found", "the schedule does not exist"));
  const { record, state } = living;
  if (state.status !== "active" && state.status !== "paused") {
    return refuse(
      reject("schedule_not_active", `the schedule is ${state.status}; expected active or paused`),
    );
  }
  if (!hasRoom(state)) {
    return refuse(reject("already_running", "too many executions of this schedule are on their way already"));
  }
  const payload = "payload" in body.value ? { payload: body.value.payload } : {};
  const sent = "payload" in body.value ? body.value.payload : record.effective.payload;
  const fault = checkTarget(rules.tenants, command.tenant, record.effective.target, sent);
  if (fault !== null) return refuse(reject(fault.code, fault.message, fault.details));

  const executionId = executionIdOfCommand(record.scheduleId, hash("sha256", command.commandId));
  const dispatch: Dispatch = {
    kind: "dispatch",
    executionId,
    attempt: 1,
    cause: "trigger",
    nominalAt: command.storedAt,
    dueAt: command.storedAt,
    previousAt: state.lastNominalAt,
    nextAt: state.status === "active" ? state.nominalAt : null,
    claimedAt: command.storedAt,
    revision: state.revision,
    actor: command.actor,
    traceparent: command.traceparent,
    ...payload,
  };
  const schedule = { ...living, state: { ...state, owed: [...state.owed, dispatch] } };
  return { kind: "accepted", schedule, executionId };
}

const refuse = ({ error }: ReturnType<typeof reject>): Effect => ({ kind: "rejected", error });
