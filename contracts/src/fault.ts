/*
 * Turns what a compiled validator reports into faults for people: where (JSON Pointer), what stands there
 * (cut short, never a whole payload) and what was expected. An unknown field and a missing one are named
 * in the path, so that a caller can point at them.
 */

/** One way in which a value does not fit its schema. */
export interface Fault {
  /** RFC 6901 JSON Pointer; empty: the whole value. */
  readonly path: string;
  /** Place, value, expectation. */
  readonly message: string;
}

/** What ajv reports, as far as it is read here. */
export interface SchemaError {
  readonly instancePath: string;
  readonly keyword: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly message?: string;
  readonly propertyName?: string;
}

export interface CompiledValidator {
  (value: unknown): boolean;
  errors?: readonly SchemaError[] | null;
}

/** Faults reported at most; further ones are dropped, since a reader mends these first. */
export const FAULTS_MAX = 20;

/** Characters of a value that a message shows at most; the rest is cut. */
const VALUE_CHARACTERS_MAX = 60;

/** Characters of a path at most; the rest is cut, since a name in it may be as long as the body. */
const PATH_CHARACTERS_MAX = 256;

/** Where a command may hold a secret: a message about it goes into events and says the kind of the value only. */
const SECRET = /^\/(payload|target\/headers)(\/|$)/;

/**
 * Faults of `value`, at most FAULTS_MAX; `expected` gives words for patterns. `isSecret`: what stands at this pointer is not for
 * everyone to read.
 */
export const faultsOf = (
  check: CompiledValidator,
  value: unknown,
  expected: Readonly<Record<string, string>>,
  isSecret = (pointer: string): boolean => pointer === "" || SECRET.test(pointer),
): Fault[] => {
  if (check(value)) return [];
  const telling = (check.errors ?? []).filter(({ keyword }) => !ECHOES.has(keyword));
  const faults = telling.slice(0, FAULTS_MAX).map((error) => faultOf(error, value, expected, isSecret));
  return faults.length > 0 ? faults : [{ path: "", message: `${kindOf(value)} fits no allowed form` }];
};

/** Keywords that only say that something inside them failed, which is reported by itself. */
const ECHOES = new Set(["propertyNames", "if", "oneOf", "anyOf"]);

const faultOf = (
  error: SchemaError,
  root: unknown,
  expected: Readonly<Record<string, string>>,
  isSecret: (pointer: string) => boolean,
): Fault => {
  const whole = placeOf(error);
  const path = whole.slice(0, PATH_CHARACTERS_MAX);
  const place = path === "" ? "the body" : path;
  const value = error.propertyName ?? at(root, error.instancePath);
  switch (error.keyword) {
    case "additionalProperties":
      return { path, message: `${place}: unknown field` };
    case "required":
      return { path, message: `${place}: missing; it is required` };
    case "discriminator":
      return {
        path,
        message: `${place}: ${shown(at(root, whole))}; expected ${expected[`type:${error.params["tag"]}`]}`,
      };
    default:
      return {
        path,
        message: `${place}: ${(isSecret(whole) ? kindOf : shown)(value)}; expected ${expectation(error, expected)}`,
      };
  }
};

/** The field that an error is about, even where the validator reports it on the object around it. */
const placeOf = ({ instancePath, keyword, params, propertyName }: SchemaError): string => {
  if (keyword === "additionalProperties")
    return `${instancePath}/${pointerToken(params["additionalProperty"])}`;
  if (keyword === "required") return `${instancePath}/${pointerToken(params["missingProperty"])}`;
  if (keyword === "discriminator") return `${instancePath}/${pointerToken(params["tag"])}`;
  return propertyName === undefined ? instancePath : `${instancePath}/${pointerToken(propertyName)}`;
};

const expectation = (error: SchemaError, expected: Readonly<Record<string, string>>): string => {
  const { params } = error;
  const limit = params["limit"];
  switch (error.keyword) {
    case "type":
      return [params["type"]].flat().join(" or ");
    case "const":
      return shown(params["allowedValue"]);
    case "enum":
      return `one of ${[params["allowedValues"]].flat().map(shown).join(", ")}`;
    case "minimum":
      return `at least ${limit}`;
    case "exclusiveMinimum":
      return `more than ${limit}`;
    case "maximum":
      return `at most ${limit}`;
    case "minLength":
      return `at least ${limit} characters`;
    case "maxLength":
      return `at most ${limit} characters`;
    case "minItems":
    case "minProperties":
      return `at least ${limit} entries`;
    case "maxItems":
    case "maxProperties":
      return `at most ${limit} entries`;
    case "format":
      return "an RFC 3339 instant that exists, such as 2026-12-01T09:00:00Z";
    case "pattern":
      return expected[String(params["pattern"])] ?? `text that matches ${params["pattern"]}`;
    default:
      return error.message ?? error.keyword;
  }
};

/** A name as one token of a JSON Pointer, cut where it is long. */
export const pointerToken = (name: unknown): string =>
  cut(String(name)).replaceAll("~", "~0").replaceAll("/", "~1");

const at = (root: unknown, pointer: string): unknown =>
  pointer
    .split("/")
    .slice(1)
    .map((token) => token.replaceAll("~1", "/").replaceAll("~0", "~"))
    .reduce<unknown>((value, name) => (hasOwn(value, name) ? value[name] : undefined), root);

const hasOwn = <Name extends string>(value: unknown, name: Name): value is Readonly<Record<Name, unknown>> =>
  typeof value === "object" && value !== null && Object.hasOwn(value, name);

const cut = (text: string): string =>
  text.length <= VALUE_CHARACTERS_MAX ? text : `${text.slice(0, VALUE_CHARACTERS_MAX)}…`;

/** A value as a message shows it; of objects and arrays only the kind. */
const shown = (value: unknown): string => {
  if (typeof value === "string") return JSON.stringify(cut(value));
  return typeof value === "number" || typeof value === "boolean" ? String(value) : kindOf(value);
};

/** A value without what it says. */
const kindOf = (value: unknown): string => {
  if (value === undefined) return "missing";
  if (value === null) return "null";
  if (typeof value === "string") return `a text of ${value.length} characters`;
  if (Array.isArray(value)) return `a list of ${value.length}`;
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
};
