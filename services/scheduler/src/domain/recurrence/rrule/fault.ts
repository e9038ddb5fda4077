/*
 * A refusal of recurrence text on its way to the one place that catches it (rrule/recurrence.ts).
 */
type Code = "invalid_trigger" | "invalid_timezone" | "trigger_too_complex";

export class RruleFault extends Error {
  readonly code: Code;

  constructor(message: string, code: Code = "invalid_trigger") {
    super(message);
    this.code = code;
  }
}
