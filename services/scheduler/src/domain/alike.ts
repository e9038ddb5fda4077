/**
 * Parts that definitions have in common, kept once: of a hundred thousand schedules in memory most say the same of retries, misfires and
 * whatever else they leave to the defaults. What is compared is the last one seen of each part, so that nothing has to be forgotten.
 */

import { type DefinitionRecord, type EffectiveDefinition, equalJson } from "@carillon/contracts";

/** By the name of the part. */
const lastSeen = new Map<string, object>();

/** The last part of this name that was seen, where it says the same. */
function alike<Part extends object>(name: string, part: Part): Part {
  const last = lastSeen.get(name);
  if (last !== undefined && saysTheSame(last, part)) return last as Part;
  lastSeen.set(name, part);
  return part;
}

/** Of flat ones; where something nested is not the same object they differ, which is no harm. */
function saysTheSame(one: object, two: object): boolean {
  const names = Object.keys(one);
  if (names.length !== Object.keys(two).length) return false;
  const [left, right] = [one, two] as Readonly<Record<string, unknown>>[];
  return names.every((name) => left?.[name] === right?.[name]);
}

/** Changes nothing but whose memory it is. */
export function sharingParts(effective: EffectiveDefinition): EffectiveDefinition {
  const { target, misfire, overlap, retry, completion, tags, metadata } = effective;
  const headers = alike("headers", target.headers);
  return {
    ...effective,
    target: alike("target", { ...target, headers }),
    misfire: alike("misfire", misfire),
    overlap: alike("overlap", overlap),
    retry: alike("retry", retry),
    completion: alike("completion", completion),
    tags: alike("tags", tags),
    metadata: alike("metadata", metadata),
  };
}

/** The same of a record that was read, which names its payload twice. */
export function sharingWithin(record: DefinitionRecord): DefinitionRecord {
  const effective = sharingParts(record.effective);
  const { payload } = record.definition;
  const once = payload !== undefined && equalJson(payload, effective.payload);
  return { ...record, effective: once ? { ...effective, payload } : effective };
}
