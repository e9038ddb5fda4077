/**
 * The grammar of names, subjects and targets a second time, from the words of the contract and character by character,
 * so that it shares no thought with what it judges.
 */

type Entry = string;

const isLetterOrDigit = (character: string): boolean =>
  (character >= "A" && character <= "Z") ||
  (character >= "a" && character <= "z") ||
  (character >= "0" && character <= "9");

function isMadeOf(text: string, others: string, most: number): boolean {
  let length = 0;
  for (const character of text) {
    length++;
    if (length > most || !(isLetterOrDigit(character) || others.includes(character))) return false;
  }
  return length > 0;
}

/** `[A-Za-z0-9_-]{1,64}`. */
export const isName = (text: string): boolean => isMadeOf(text, "_-", 64);

/** `<tenant>.` and at most 128 of `[A-Za-z0-9_.:@~-]`. */
export function isCommandId(tenant: string, text: string): boolean {
  const head = `${tenant}.`;
  for (let index = 0; index < head.length; index++) if (text[index] !== head[index]) return false;
  return isMadeOf(text.substring(head.length), "_.:@~-", 128);
}

/** Tokens between dots; null: a character that no subject has, or too many of them. */
function tokensOf(subject: string): string[] | null {
  if (subject.length > 255) return null;
  const tokens = [""];
  for (let index = 0; index < subject.length; index++) {
    const code = subject.charCodeAt(index);
    if (code <= 0x20 || code >= 0x7f) return null;
    if (code === 0x2e) tokens.push("");
    else tokens.push(`${tokens.pop()}${subject[index]}`);
  }
  return tokens;
}

function isLiteralToken(token: string): boolean {
  for (const character of token) if (character === "*" || character === ">") return false;
  return token !== "";
}

export function isLiteral(subject: string): boolean {
  const tokens = tokensOf(subject);
  if (tokens === null) return false;
  for (const token of tokens) if (!isLiteralToken(token)) return false;
  return true;
}

export function isPattern(text: string): boolean {
  const tokens = tokensOf(text);
  if (tokens === null) return false;
  let left = tokens.length;
  for (const token of tokens) {
    left--;
    const wild = token === "*" || (token === ">" && left === 0);
    if (!wild && !isLiteralToken(token)) return false;
  }
  return true;
}

/** Answers go only to subjects whose first token begins with `_INBOX` or is `_R_`. */
export function isReply(subject: string): boolean {
  if (!isLiteral(subject)) return false;
  const first = tokensOf(subject)?.[0] ?? "";
  return first === "_R_" || first.substring(0, 6) === "_INBOX";
}

/** As nats-server matches: `*` stands for one token, `>` for one or more at the end. */
export function matches(pattern: string, subject: string): boolean {
  const walk = (wild: readonly string[], tokens: readonly string[]): boolean => {
    const [first, ...rest] = wild;
    const [token, ...others] = tokens;
    if (first === undefined || token === undefined) return first === undefined && token === undefined;
    if (first === ">") return rest.length === 0;
    return (first === "*" || first === token) && walk(rest, others);
  };
  return isLiteral(subject) && walk(pattern.split("."), subject.split("."));
}

/** The code that a target gets under a tenants file with these entries; null: it is allowed. */
export function targetCode(tenant: string, entries: readonly Entry[], subject: string): string | null {
  if (!isLiteral(subject)) return "target_invalid";
  const [first = "", second, third, ...more] = subject.split(".");
  if (first[0] === "$" || first[0] === "_") return "target_reserved";
  const followed = second !== undefined;
  if (followed && (first === "rpc" || first === "scheduler")) return "target_reserved";
  const ours = second === "scheduler" && third !== undefined;
  if (ours && (first === "evt" || first === "rpt" || first === "dead")) return "target_reserved";
  if (ours && first === "cmd") {
    // A command has a verb and a scheduleId, and is the schedule's own tenant's.
    if (third !== tenant || more.length !== 2) return "target_reserved";
    return entries.includes(subject) ? null : "target_not_allowed";
  }
  for (const entry of entries) if (matches(entry, subject)) return null;
  return "target_not_allowed";
}
