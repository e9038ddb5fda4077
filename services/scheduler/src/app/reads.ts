/** The verbs that ask: `get` and `preview`. Answered from what is stored, read from the streams' leaders. */

import { type Names, type PreviewBody, partitionOf, validate } from "@carillon/contracts";
import { parseBody } from "../domain/command-body.ts";
import type { Rules } from "../domain/decide.ts";
import { type EpochMs, formatInstant, parseInstant } from "../domain/instant.ts";
import { compile, describe, preview, resolve } from "../domain/recurrence/index.ts";
import { type Checked, reject, rejectAt, rejectFaults } from "../domain/rejection.ts";
import type { Schedule } from "../domain/schedule.ts";
import { viewOf } from "../domain/view.ts";
import type { Clock, RpcAnswer, Store } from "./ports.ts";
import type { Records } from "./records.ts";
import { failed, succeeded } from "./rpc-answer.ts";

export interface ReadDeps {
  names: Names;
  clock: Clock;
  store: Store;
  records: Records;
  partitions: number;
  rules(): Rules;
}

/** Instants of a preview that asks for no number. */
const PREVIEW_COUNT_DEFAULT = 10;

interface Address {
  tenant: string;
  verb: string;
  scheduleId: string | null;
}

export async function answerRead(deps: ReadDeps, address: Address, data: Uint8Array): Promise<RpcAnswer> {
  const tenant = deps.rules().tenants.get(address.tenant);
  if (tenant === undefined) {
    return failed(reject("tenant_unknown", `tenant "${address.tenant}" is not in the tenants file`).error);
  }
  const parsed = parseBody(data, tenant);
  if (!parsed.ok) return failed(parsed.error);
  const body = parsed.value === undefined ? {} : parsed.value;
  const faults = address.verb === "get" ? validate.emptyBody(body) : validate.previewBody(body);
  if (faults.length > 0) return failed(rejectFaults("invalid_body", faults).error);
  if (address.verb === "preview") return answerPreview(deps, address, body as PreviewBody);
  const schedule = await find(deps, address);
  return schedule.ok ? succeeded({ schedule: viewOf(schedule.value) }) : failed(schedule.error);
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
  const after = body.after === undefined ? now : parseInstant(body.after);
  if (after === null)
    return failed(rejectAt("invalid_body", "/after", "after: expected an RFC 3339 instant").error);
  const count = body.count ?? PREVIEW_COUNT_DEFAULT;
  if (body.trigger !== undefined) return previewTrigger(deps, body.trigger, { now, after, count });
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
  if (!schedule.ok) return failed(schedule.error);
  const { record, timeline } = schedule.value;
  return shown(preview(timeline, after, count), describe(record.effective.trigger));
}

/** A trigger that is not saved, as if it were accepted now; or at `after`, where that is earlier. */
function previewTrigger(
  deps: ReadDeps,
  trigger: NonNullable<PreviewBody["trigger"]>,
  { now, after, count }: { now: EpochMs; after: EpochMs; count: number },
): RpcAnswer {
  const { timezone, lookaheadMs } = deps.rules().defaults;
  const acceptedAt = Math.min(now, after);
  const resolved = resolve(trigger, { acceptedAt, startAt: null, defaultTimezone: timezone, lookaheadMs });
  if (!resolved.ok)
    return failed(rejectAt(resolved.fault.code, resolved.fault.path, resolved.fault.message).error);
  const compiled = compile(resolved.trigger, acceptedAt);
  if (!compiled.ok)
    return failed(rejectAt(compiled.fault.code, compiled.fault.path, compiled.fault.message).error);
  return shown(preview(compiled.recurrence, after, count), describe(resolved.trigger));
}

const shown = (times: readonly EpochMs[], text: string): RpcAnswer =>
  succeeded({ times: times.map(formatInstant), text, warnings: [] });
