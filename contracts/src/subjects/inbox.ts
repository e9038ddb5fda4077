/*
 * What the subject of a stored command tells, whether it went through the inbox's transform or fits no form
 * and stayed under its own subject.
 */
import { isName } from "./grammar.ts";
import { DEFAULT_INSTALLATION, names } from "./names.ts";

export interface InboxSubject {
  /** Null where the subject has no such token, or one outside the grammar. */
  readonly tenant: string | null;
  readonly scheduleId: string | null;
  /** As written, known or not; null where the subject fits no form. */
  readonly verb: string | null;
  /** The subject as its sender wrote it. */
  readonly original: string;
}

export const parseInboxSubject = (
  subject: string,
  installation: string = DEFAULT_INSTALLATION,
): InboxSubject => {
  const { inbox, command } = names(installation);
  const found = inbox.parse(subject);
  if (found === null) return unmatched(subject);
  const { tenant, scheduleId, verb } = found;
  return {
    tenant: nameOrNull(tenant),
    scheduleId: nameOrNull(scheduleId),
    verb,
    original: command.build(found),
  };
};

/** `<family>.<installation>.<tenant>.<verb>.<scheduleId>…`, as far as it goes. */
const unmatched = (subject: string): InboxSubject => {
  const [, , tenant, , scheduleId] = subject.split(".");
  return { tenant: nameOrNull(tenant), scheduleId: nameOrNull(scheduleId), verb: null, original: subject };
};

const nameOrNull = (token: string | undefined): string | null => (isName(token) ? token : null);
