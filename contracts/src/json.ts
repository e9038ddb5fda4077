/*
 * JSON as Carillon reads and compares it: bounded in depth, finite in its numbers, and with one spelling
 * for equal values.
 */

/** Levels that a value may nest; deeper ones are refused before anything recursive touches them. */
export const DEPTH_MAX = 64;

export type Parsed =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly message: string };

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The value of a body; not ok, with what is wrong, where it is not JSON that Carillon takes. */
export const parseJson = (body: Uint8Array | string): Parsed => {
  let value: unknown;
  try {
    value = JSON.parse(typeof body === "string" ? body : decoder.decode(body));
  } catch (error) {
    const empty = body.length === 0;
    return {
      ok: false,
      message: empty ? "the body is empty; expected JSON" : `the body is not JSON: ${reason(error)}`,
    };
  }
  const fault = faultIn(value);
  return fault === null ? { ok: true, value } : { ok: false, message: `the body ${fault}` };
};

/** A parser's words quote the body; what follows the first clause is cut. */
const reason = (error: unknown): string =>
  error instanceof SyntaxError ? error.message.replace(/,? ?"[\s\S]*$/, "").slice(0, 80) : "not UTF-8";

/** Walks level by level, so that depth costs no stack. */
const faultIn = (value: unknown): string | null => {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > DEPTH_MAX) return `nests deeper than ${DEPTH_MAX} levels`;
    if (level.some((item) => typeof item === "number" && !Number.isFinite(item)))
      return "holds a number beyond the range of a double";
    level = level.flatMap((item) => (typeof item === "object" && item !== null ? Object.values(item) : []));
  }
  return null;
};

/** The one spelling of a value: keys sorted by code unit, no space. Members that are undefined are left out, as JSON.stringify does. */
export const canonical = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map((item) => canonical(item ?? null)).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([one], [two]) => (one < two ? -1 : 1))
    .map(([key, member]) => `${JSON.stringify(key)}:${canonical(member)}`);
  return `{${members.join(",")}}`;
};

/** Whether two values are the same JSON, whatever the order of their keys. */
export const equalJson = (one: unknown, two: unknown): boolean =>
  one === two || canonical(one) === canonical(two);
