/** A target command that used up its attempts, whole, as it is put into the stream of dead letters. */

import { commandEventId, type DefinitionRecord, type Letter, type Names } from "@carillon/contracts";
import { formatInstant } from "./instant.ts";
import { type TargetMessage, targetMessage } from "./target-message.ts";

export function deadLetter(
  names: Names,
  record: DefinitionRecord,
  { dispatch, reason, description, at }: Letter,
): TargetMessage {
  const { tenant, scheduleId, version } = record;
  const { subject, headers, data } = targetMessage(record, dispatch);
  const { executionId, attempt } = dispatch;
  const letter = {
    tenant,
    scheduleId,
    version,
    executionId,
    attempts: attempt,
    reason,
    message: description,
    time: formatInstant(at),
    command: { subject, headers, payload: data === "" ? null : JSON.parse(data) },
  };
  return {
    subject: names.deadLetter.build({ tenant, scheduleId }),
    data: JSON.stringify(letter),
    id: commandEventId("dead_letter", tenant, scheduleId, `${executionId}.${attempt}`),
    headers: { "content-type": "application/json" },
  };
}
