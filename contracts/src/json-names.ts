/*
 * Names that a JSON text writes twice in one object. RFC 8259 leaves open what they mean, and readers differ: what one
 * takes for the value another overwrites, so a text with such a name has no single meaning. A parser keeps one of
 * them and says nothing, so the text itself is looked at.
 */

const QUOTE = 0x22;
const COLON = 0x3a;
const BACKSLASH = 0x5c;

/** Members of all objects of a well-formed text, each counted as often as it is written. One pass, about as dear as reading the text once. */
export const membersWritten = (json: string): number => {
  let count = 0;
  let quoted = false;
  for (let index = 0; index < json.length; index++) {
    const code = json.charCodeAt(index);
    if (code === BACKSLASH) index++;
    else if (code === QUOTE) quoted = !quoted;
    else if (code === COLON && !quoted) count++;
  }
  return count;
};

/** What opens or ends an object, or a string and the colon that makes it a name. */
const TOKEN = /[{}]|("[^"\\]*(?:\\[\s\S][^"\\]*)*")\s*(:?)/g;

/** The first name of a well-formed text that its object has already; null: there is none. Dearer than counting, so ask where counts differ. */
export const repeatedName = (json: string): string | null => {
  const open: Set<string>[] = [];
  for (const [token, text, colon] of json.matchAll(TOKEN)) {
    if (token === "{") open.push(new Set());
    else if (token === "}") open.pop();
    else if (text !== undefined && colon === ":") {
      const name: string = JSON.parse(text);
      const seen = open.at(-1);
      if (seen?.has(name)) return name;
      seen?.add(name);
    }
  }
  return null;
};
