/*
 * What may stand in a subject: names, command ids, literal subjects, patterns, reply subjects. Patterns are
 * compared token by token, never as text, so that `orders.>` says nothing about `ordersX`.
 */

const NAME = /^[A-Za-z0-9_-]{1,64}$/;
const COMMAND_ID_REST = /^[A-Za-z0-9_.:@~-]{1,128}$/;

/** Characters of a literal subject at most; a longer one is malformed. */
export const SUBJECT_CHARACTERS_MAX = 255;

/** Printable ASCII without space. */
const SUBJECT_TEXT = /^[!-~]+$/;

/** Whether `text` can be a tenant or a scheduleId: `[A-Za-z0-9_-]{1,64}`. */
export const isName = (text: unknown): text is string => typeof text === "string" && NAME.test(text);

/** `text` where it is a name, else `_`: for the subjects of events about malformed commands. */
export const nameOrBlank = (text: string | undefined): string => (isName(text) ? text : "_");

/** Whether `text` can be a command id of `tenant`: `<tenant>.` and 1 to 128 of `[A-Za-z0-9_.:@~-]`. */
export const isCommandId = (tenant: string, text: string): boolean =>
  text.startsWith(`${tenant}.`) && COMMAND_ID_REST.test(text.slice(tenant.length + 1));

/** Whether answers may go to `subject`: its first token begins with `_INBOX` or is `_R_`, and it is literal. */
export const isReplySubject = (subject: string): boolean => {
  const first = subject.split(".", 1)[0] ?? "";
  return (first.startsWith("_INBOX") || first === "_R_") && isLiteralSubject(subject);
};

/** Whether `subject` names exactly one subject: no wildcard, space, control or non-ASCII character, no empty token. */
export const isLiteralSubject = (subject: string): boolean =>
  isSubjectText(subject) && subject.split(".").every((token) => token !== "" && !/[*>]/.test(token));

/** Whether `pattern` is a subject in which whole tokens may be `*` and the last one `>`. */
export const isSubjectPattern = (pattern: string): boolean =>
  isSubjectText(pattern) &&
  pattern.split(".").every((token, index, tokens) => {
    if (token === "*" || (token === ">" && index === tokens.length - 1)) return true;
    return token !== "" && !/[*>]/.test(token);
  });

const isSubjectText = (text: string): boolean =>
  text.length <= SUBJECT_CHARACTERS_MAX && SUBJECT_TEXT.test(text);

/** Whether the literal `subject` is one of those that `pattern` names. */
export const matchesSubject = (pattern: string, subject: string): boolean =>
  isLiteralSubject(subject) && containsPattern(pattern, subject);

/** Whether every subject that `inner` names is named by `outer` too. */
export const containsPattern = (outer: string, inner: string): boolean => {
  const [wide, narrow] = [outer.split("."), inner.split(".")];
  for (const [index, token] of wide.entries()) {
    const other = narrow[index];
    if (other === undefined) return false;
    if (token === ">") return true;
    if (other === ">" || (token !== "*" && token !== other)) return false;
  }
  return wide.length === narrow.length;
};

/** Whether some subject is named by both patterns. */
export const overlaps = (one: string, two: string): boolean => {
  const [left, right] = [one.split("."), two.split(".")];
  for (let index = 0; index < Math.max(left.length, right.length); index++) {
    const [a, b] = [left[index], right[index]];
    if (a === undefined || b === undefined) return false;
    if (a === ">" || b === ">") return true;
    if (a !== "*" && b !== "*" && a !== b) return false;
  }
  return true;
};
