/** Why a target is refused, and how its text is shown. */

import { type ErrorCode, type Fault, isLiteralSubject } from "@carillon/contracts";

export interface TargetFault {
  readonly code: ErrorCode;
  /** JSON Pointer into the definition. */
  readonly path: string;
  /** Place, value, expectation. */
  readonly message: string;
  readonly details: readonly Fault[];
}

export const faultAt = (code: ErrorCode, path: string, message: string): TargetFault => ({
  code,
  path,
  message,
  details: [{ path, message }],
});

/** Characters of text from outside that a message shows at most; the rest is cut. */
const SHOWN_MAX = 80;

/** Text from outside as a message shows it; a well-formed subject whole, since it is part of the line to add. */
export const shown = (text: string): string =>
  JSON.stringify(text.length <= SHOWN_MAX || isLiteralSubject(text) ? text : `${text.slice(0, SHOWN_MAX)}…`);
