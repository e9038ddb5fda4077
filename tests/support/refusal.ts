/**
 * A command that must be refused, sent in both ways: durably, where the event and the outcome must agree, and over rpc,
 * where the micro service's headers must agree with the body.
 */

import { ERRORS, type ErrorBody, type ErrorCode } from "@carillon/contracts";
import { expect } from "vitest";
import { every } from "./definition.ts";
import type { Stack } from "./stack.ts";
import { ask, type Sent, store } from "./wire.ts";
import type { Witness } from "./witness.ts";
import type { WorkerProcess } from "./worker-process.ts";

export interface Refusals {
  /** A name that no other command has. */
  nextId(): string;
  /** Publishes, and waits for the event `command.rejected` and the outcome. */
  durably(sent: Sent): Promise<ErrorBody>;
  /** Publishes without a command id, and waits for the event about this place in the stream; answers its subject. */
  anonymously(sent: Sent): Promise<{ subject: string; error: ErrorBody }>;
  /** Asks, and waits for the answer. */
  overRpc(sent: Sent): Promise<ErrorBody>;
  /** The worker is the one that it was: ready, still firing, and without an error in its log. */
  harmNobody(): Promise<void>;
}

const METRONOME = "metronome";

export async function refusalsOf(stack: Stack, worker: WorkerProcess, witness: Witness): Promise<Refusals> {
  let count = 0;
  await stack.client().create(METRONOME, every(0.5));
  return {
    nextId: () => `refused-${++count}`,
    durably: (sent) => durably(stack, witness, sent, ++count),
    anonymously: async (sent) => {
      const sequence = await store(stack.nc, sent);
      const { subject, body } = await witness.audit.until(
        (items) => items.find(({ headers }) => headers["Nats-Msg-Id"]?.includes(`.#${sequence}@`)),
        `the refusal of ${sent.subject}`,
      );
      const { data } = JSON.parse(body);
      expect(data.subject).toBe(sent.subject);
      return { subject, error: data.error };
    },
    overRpc: (sent) => overRpc(stack, sent),
    harmNobody: async () => {
      const before = witness.commands(METRONOME).length;
      await witness.sent(METRONOME, before + 2);
      expect((await worker.page("/ready")).status).toBe(200);
      expect(worker.log.items.filter(({ level }) => level === "error")).toEqual([]);
      expect(worker.log.items.filter(({ msg }) => msg === "partitions taken over")).toHaveLength(1);
    },
  };
}

async function durably(stack: Stack, witness: Witness, sent: Sent, count: number): Promise<ErrorBody> {
  const tenant = sent.subject.split(".")[2] ?? "";
  const commandId = `${tenant}.durable-${count}`;
  const replyTo = `_INBOX.refusals.${count}`;
  const outcome = stack.nc.subscribe(replyTo, { max: 1 });
  const headers = { "Nats-Msg-Id": commandId, "Scheduler-Reply-To": replyTo, "Scheduler-Actor": "mallory" };
  await store(stack.nc, { ...sent, headers: { ...headers, ...sent.headers } });
  const { data } = await witness.rejected(commandId);
  expect(data).toMatchObject({ actor: "mallory", subject: sent.subject });
  for await (const message of outcome) expect(message.json()).toEqual({ ok: false, error: data.error });
  expectPlace(data.error);
  return data.error;
}

/** Whoever sent something wrong is told where. */
function expectPlace({ code, details }: ErrorBody): void {
  if ([400, 403, 413].includes(ERRORS[code as ErrorCode].status)) expect(details).not.toEqual([]);
}

async function overRpc(stack: Stack, sent: Sent): Promise<ErrorBody> {
  const { reply, serviceErrorCode, serviceError } = await ask(stack.nc, sent);
  if (reply.ok) throw new Error(`${sent.subject} was accepted`);
  const { error } = reply;
  expectPlace(error);
  const { status, retryable } = ERRORS[error.code as ErrorCode];
  expect([serviceErrorCode, error.retryable]).toEqual([String(status), retryable]);
  expect(serviceError).not.toBe("");
  return error;
}

export const pathsOf = (error: ErrorBody): string[] => error.details.map(({ path }) => path);
