/** What an update changed, field by field, as its event tells it. */

import { equalJson, type FieldChange, type ScheduleDefinition } from "@carillon/contracts";

/** Fields that changed, by name; with their values, except those that may hold secrets. */
export function differences(before: ScheduleDefinition, after: ScheduleDefinition): FieldChange[] {
  const [old, now] = [new Map(Object.entries(before)), new Map(Object.entries(after))];
  return [...new Set([...old.keys(), ...now.keys()])]
    .filter((field) => old.has(field) !== now.has(field) || !equalJson(old.get(field), now.get(field)))
    .map((field) => ({
      path: `/${field}`,
      ...(old.has(field) && !OPAQUE_FIELDS.has(field) ? { before: old.get(field) } : {}),
      ...(now.has(field) && !OPAQUE_FIELDS.has(field) ? { after: now.get(field) } : {}),
    }));
}

const OPAQUE_FIELDS: ReadonlySet<string> = new Set(["payload", "target"]);
