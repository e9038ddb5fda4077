/*
 * A refusal of recurrence text on its way to where it is caught (compile.ts), and how a text is quoted in one.
 */
type Code = "invalid_trigger" | "invalid_timezone" | "trigger_too_complex";

export class RruleFault extends Error {
  readonly code: Code;

  constructor(message: string, code: Code = "invalid_trigger") {
    super(message);
    this.code = code;
  }
}

/** Enough of a text to find it again: a message is not as long as what it refuses. */
export function shown(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
