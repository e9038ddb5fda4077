/** An announcement as a CloudEvent (CloudEvents 1.0, structured JSON mode, NATS binding §3.2). */

import {
  type Announcement,
  CLOUD_EVENT_CONTENT_TYPE,
  type CloudEvent,
  type DefinitionRecord,
  eventType,
  NATS_HEADERS,
  type Names,
} from "@carillon/contracts";
import { formatInstant } from "./instant.ts";

export interface EventMessage {
  subject: string;
  data: string;
  id: string;
  headers: Readonly<Record<string, string>>;
}

const HEADERS = { [NATS_HEADERS.contentType]: CLOUD_EVENT_CONTENT_TYPE };

/** `definition`: the record whose definition `created` and `updated` carry; null where the announcement carries none. */
export function eventMessage(
  names: Names,
  { tenant, scheduleId }: { tenant: string; scheduleId: string },
  { id, entity, what, at, data }: Announcement,
  definition: DefinitionRecord | null,
): EventMessage {
  const carried =
    definition === null
      ? data
      : { ...data, definition: definition.definition, effective: definition.effective };
  const event: CloudEvent = {
    specversion: "1.0",
    id,
    source: names.source(tenant),
    type: eventType(entity, what),
    subject: scheduleId,
    time: formatInstant(at),
    datacontenttype: "application/json",
    data: carried,
  };
  const subject = names.event.build({ tenant, entity, what, scheduleId });
  return { subject, data: JSON.stringify(event), id, headers: HEADERS };
}
