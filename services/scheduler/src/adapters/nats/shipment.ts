/**
 * One message on its way to a stream, from the first send to its answer. Holds no behaviour: the ack inbox moves it.
 */

import type { Guard, Receipt } from "../../app/ports.ts";
import type { RefusalReason } from "../../domain/settle.ts";
import type { Frame, Piece } from "./wire.ts";

/** What is to be sent, and how long its sender waits. */
export interface Order {
  subject: string;
  data: Piece;
  /** As `headerBlock` makes them; empty: none. */
  headers: Piece;
  lane: string;
  guard: Guard;
  /** From the first send; null: until answered or abandoned. */
  patienceMs: number | null;
}

/** A receipt, or, where the message named an expected sequence, that another write came first (10071). */
export type Outcome = Receipt | { kind: "stale" };

export class Shipment {
  readonly subject: string;
  readonly lane: string;
  readonly guard: Guard;
  readonly patienceMs: number | null;
  /** What is to be sent, until it is written; then null, so that its text need not be kept. */
  unwritten: Pick<Order, "data" | "headers"> | null;
  /** As it is sent; null: not written yet. */
  frame: Frame | null = null;
  readonly resolve: (outcome: Outcome) => void;
  readonly reject: (error: Error) => void;
  /** Last token of the reply subject; the same for every resend. */
  token = -1;
  /** Monotonic milliseconds of the first send; negative: not sent yet. */
  firstSentAtMs = -1;
  /** Monotonic milliseconds at which it is sent again unless answered. */
  dueAtMs = 0;
  /** Pause before the next resend after an answer that was none. */
  waitMs = 0;
  /** Nothing has been heard since the last send. */
  silent = true;
  /** Sent more than once, and one of those sends was never answered. */
  doubtful = false;
  /** We are asking whether a stream captures its subject. */
  asking = false;

  constructor(order: Order, resolve: (outcome: Outcome) => void, reject: (error: Error) => void) {
    this.subject = order.subject;
    this.lane = order.lane;
    this.guard = order.guard;
    this.patienceMs = order.patienceMs;
    this.unwritten = order;
    this.resolve = resolve;
    this.reject = reject;
  }
}

export function refused(code: RefusalReason, description: string): Receipt {
  return { kind: "refused", code, description };
}
