/**
 * The headers that a target brings along. The definition's schema says the same; it is repeated because this is the last door before
 * the wire, where a line break would end the header and a reserved name would speak for the scheduler or to the server.
 */

import { pointerToken, RESERVED_HEADER_PREFIXES } from "@carillon/contracts";
import { faultAt, shown, type TargetFault } from "./target-fault.ts";

/** Headers of one target, characters of a name and of a value; a definition beyond them is refused. */
const HEADERS_MAX = 16;
const HEADER_NAME_MAX = 128;
const HEADER_VALUE_MAX = 1024;

/** RFC 9110 §5.6.2 `token`. */
const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

export function checkHeaders(headers: Readonly<Record<string, string>>): TargetFault | null {
  const entries = Object.entries(headers);
  if (entries.length > HEADERS_MAX) {
    return headerFault(HEADERS, `target.headers: ${entries.length} headers; expected at most ${HEADERS_MAX}`);
  }
  for (const [name, value] of entries) {
    const message = headerNameFault(name) ?? headerValueFault(name, value);
    if (message !== null) return headerFault(`${HEADERS}/${pointerToken(name)}`, message);
  }
  return null;
}

const HEADERS = "/target/headers";

const headerFault = (path: string, message: string): TargetFault =>
  faultAt("invalid_definition", path, message);

function headerNameFault(name: string): string | null {
  if (name.length > HEADER_NAME_MAX || !HEADER_NAME.test(name)) {
    return `target.headers: name ${shown(name)}; expected 1 to ${HEADER_NAME_MAX} letters, digits or !#$%&'*+-.^_\`|~`;
  }
  const prefix = RESERVED_HEADER_PREFIXES.find((start) => name.toLowerCase().startsWith(start));
  return prefix === undefined
    ? null
    : `target.headers: name ${shown(name)}; expected one that does not begin with ${prefix}`;
}

/** The value itself is not shown: headers carry credentials more often than not. */
function headerValueFault(name: string, value: string): string | null {
  if (typeof value !== "string") return `target.headers.${name}: ${typeof value}; expected a string`;
  if (value.length > HEADER_VALUE_MAX) {
    return `target.headers.${name}: ${value.length} characters; expected at most ${HEADER_VALUE_MAX}`;
  }
  return /\p{Cc}/u.test(value) ? `target.headers.${name}: control characters; expected none` : null;
}
