/*
 * JSON as Carillon reads and compares it: bounded in depth, finite in its numbers, with no name twice in an object, and
 * with one spelling for equal values.
 */
import { membersWritten, repeatedName } from "./json-names.ts";

/** Levels that a value may nest; deeper ones are refused before anything recursive touches them. */
export const DEPTH_MAX = 64;

export type Parsed =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly message: string };

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The value of a body; not ok, with what is wrong, where it is not JSON that Carillon takes. */
export const parseJson = (body: Uint8Array | string, depthMax = DEPTH_MAX): Parsed => {
  let text: string;
  let value: unknown;
  try {
    text = typeof body === "string" ? body : decoder.decode(body);
    value = JSON.parse(text);
  } catch (error) {
    const empty = body.length === 0;
    return {
      ok: false,
      message: empty ? "the body is empty; expected JSON" : `the body is not JSON: ${reason(error)}`,
    };
  }
  const fault = faultIn(value, text, depthMax);
  return fault === null ? { ok: true, value } : { ok: false, message: `the body ${fault}` };
};

/** A parser's words quote the body; what follows the first clause is cut. */
const reason = (error: unknown): string =>
  error instanceof SyntaxError ? error.message.replace(/,? ?"[\s\S]*$/, "").slice(0, 80) : "not UTF-8";

/** Walks level by level, so that depth costs no stack. */
const faultIn = (value: unknown, text: string, depthMax: number): string | null => {
  let level: readonly object[] = [[value]];
  let members = 0;
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > depthMax) return `nests deeper than ${depthMax} levels`;
    const inner: object[] = [];
    for (const holder of level) {
      const values: readonly unknown[] = Array.isArray(holder) ? holder : Object.values(holder);
      if (!Array.isArray(holder)) members += values.length;
      for (const one of values) {
        if (typeof one === "object" && one !== null) inner.push(one);
        else if (typeof one === "number" && !Number.isFinite(one))
          return "holds a number beyond the range of a double";
      }
    }
    level = inner;
  }
  return members === membersWritten(text)
    ? null
    : `names ${shownName(repeatedName(text))} twice in one object`;
};

const NAME_CHARACTERS_MAX = 60;

const shownName = (name: string | null): string => JSON.stringify(name?.slice(0, NAME_CHARACTERS_MAX));

/** The one spelling of a value: keys sorted by code unit, no space. Members that are undefined are left out, as JSON.stringify does. */
export const canonical = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map((item) => canonical(item ?? null)).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  const members = membersOf(value)
    .sort(([one], [two]) => (one < two ? -1 : 1))
    .map(([key, member]) => `${JSON.stringify(key)}:${canonical(member)}`);
  return `{${members.join(",")}}`;
};

/** Whether two values are the same JSON, whatever the order of their keys. Stops at the first difference, and makes no text. */
export const equalJson = (one: unknown, two: unknown): boolean => {
  if (one === two) return true;
  if (typeof one !== "object" || typeof two !== "object" || one === null || two === null) {
    return (one ?? null) === (two ?? null);
  }
  if (Array.isArray(one) || Array.isArray(two)) {
    if (!Array.isArray(one) || !Array.isArray(two) || one.length !== two.length) return false;
    return one.every((item, index) => equalJson(item, two[index]));
  }
  const [left, right] = [membersOf(one), new Map(membersOf(two))];
  return (
    left.length === right.size &&
    left.every(([name, member]) => right.has(name) && equalJson(member, right.get(name)))
  );
};

/** Members that JSON would hold. */
const membersOf = (value: object): [string, unknown][] =>
  Object.entries(value).filter(([, member]) => member !== undefined);
