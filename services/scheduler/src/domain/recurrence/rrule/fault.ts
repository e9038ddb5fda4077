/*
 * A refusal of recurrence text on its way to the one place that catches it (rrule/recurrence.ts).
 */
export class RruleFault extends Error {
  readonly code: "invalid_trigger" | "invalid_timezone";

  constructor(message: string, code: "invalid_trigger" | "invalid_timezone" = "invalid_trigger") {
    super(message);
    this.code = code;
  }
}
