/**
 * The verbs that ask, answered by any worker: `get`, `preview` and `verify` from what is stored, read from the streams' leaders; `list`
 * and `status` from what owners hold.
 */

import {
  type Fault,
  type ListBody,
  type Names,
  type PreviewBody,
  partitionOf,
  type ReadVerb,
  type VerifyBody,
  validate,
} from "@carillon/contracts";
import { parseBody } from "../domain/command-body.ts";
import type { Rules } from "../domain/decide.ts";
import { formatInstant, parseInstant } from "../domain/instant.ts";
import { type Asked, type Preview, previewSchedule, previewTrigger } from "../domain/preview.ts";
import { type Checked, reject, rejectAt, rejectFaults } from "../domain/rejection.ts";
import type { Schedule } from "../domain/schedule.ts";
import { wordedViewOf } from "../domain/view.ts";
import { warningsOf } from "../domain/warnings.ts";
import { answerList, type ListDeps } from "./list.ts";
import type { RpcAnswer, Store } from "./ports.ts";
import type { Records } from "./records.ts";
import { failed, succeeded } from "./rpc-answer.ts";
import { answerStatus, type StatusDeps } from "./status.ts";
import type { Verifier } from "./verify.ts";

export interface ReadDeps extends ListDeps, StatusDeps {
  names: Names;
  store: Store;
  records: Records;
  verifier: Verifier;
  rules(): Rules;
}

/** Instants of a preview that asks for no number. */
const PREVIEW_COUNT_DEFAULT = 10;

interface Address {
  tenant: string;
  verb: ReadVerb;
  scheduleId: string | null;
}

const BODIES: Readonly<Record<ReadVerb, (body: unknown) => readonly Fault[]>> = {
  get: validate.emptyBody,
  preview: validate.previewBody,
  verify: validate.verifyBody,
  list: validate.listBody,
  status: validate.emptyBody,
};

export async function answerRead(deps: ReadDeps, address: Address, data: Uint8Array): Promise<RpcAnswer> {
  const tenant = deps.rules().tenants.get(address.tenant);
  if (tenant === undefined) {
    return failed(
      rejectAt("tenant_unknown", "", `tenant "${address.tenant}" is not in the tenants file`).error,
    );
  }
  const parsed = parseBody(data, tenant);
  if (!parsed.ok) return failed(parsed.error);
  const body = parsed.value === undefined ? {} : parsed.value;
  const faults = BODIES[address.verb](body);
  if (faults.length > 0) return failed(rejectFaults("invalid_body", faults).error);
  switch (address.verb) {
    case "get":
      return answerGet(deps, address);
    case "preview":
      return answerPreview(deps, address, body as PreviewBody);
    case "verify":
      return deps.verifier.answer(address.tenant, address.scheduleId, body as VerifyBody);
    case "list":
      return answerList(deps, address.tenant, body as ListBody);
    case "status":
      return answerStatus(deps);
  }
}

async function answerGet(deps: ReadDeps, address: Address): Promise<RpcAnswer> {
  const schedule = await find(deps, address);
  if (!schedule.ok) return failed(schedule.error);
  return succeeded({
    schedule: wordedViewOf(schedule.value),
    warnings: warningsOf(schedule.value, deps.clock.now()),
  });
}

async function find(deps: ReadDeps, { tenant, scheduleId }: Address): Promise<Checked<Schedule>> {
  const id = scheduleId ?? "";
  const partition = partitionOf(tenant, id, deps.partitions);
  const stored = await deps.store.read(
    "state",
    deps.names.keys.schedule.build({ partition, tenant, scheduleId: id }),
  );
  const missing = reject("not_found", `schedule "${id}" of tenant "${tenant}" does not exist`);
  if (stored === null) return missing;
  const schedule = await deps.records.open(stored);
  if (schedule === null)
    return reject("definition_unavailable", "what is stored for this schedule cannot be read");
  return schedule.state.status === "deleted" ? missing : { ok: true, value: schedule };
}

async function answerPreview(deps: ReadDeps, address: Address, body: PreviewBody): Promise<RpcAnswer> {
  const now = deps.clock.now();
  const after = body.after === undefined ? null : parseInstant(body.after);
  if (after === null && body.after !== undefined)
    return failed(rejectAt("invalid_body", "/after", "after: expected an RFC 3339 instant").error);
  const asked: Asked = { now, after, count: body.count ?? PREVIEW_COUNT_DEFAULT };
  if (body.trigger !== undefined) {
    const foreseen = previewTrigger(body.trigger, asked, deps.rules().defaults);
    return foreseen.ok ? previewed(foreseen.value) : failed(foreseen.error);
  }
  if (address.scheduleId === null) {
    return failed(
      rejectAt(
        "invalid_body",
        "/trigger",
        "trigger: missing; expected a trigger, or a scheduleId in the subject",
      ).error,
    );
  }
  const schedule = await find(deps, address);
  return schedule.ok ? previewed(previewSchedule(schedule.value, asked)) : failed(schedule.error);
}

const previewed = ({ times, text, warnings }: Preview): RpcAnswer =>
  succeeded({ times: times.map(formatInstant), text, warnings });
