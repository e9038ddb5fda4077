/**
 * A command that must be refused, sent in both ways: durably, where the event and the outcome must agree, and over rpc,
 * where the micro service's headers must agree with the body. Each enters a line of the table `input → code at place`,
 * with how long it held up the worker.
 */

import { ERRORS, type ErrorBody, type ErrorCode } from "@carillon/contracts";
import { expect } from "vitest";
import { every } from "./definition.ts";
import { say } from "./measure.ts";
import type { Stack } from "./stack.ts";
import { ask, type Sent, store } from "./wire.ts";
import type { Witness } from "./witness.ts";
import type { LogLine, WorkerProcess } from "./worker-process.ts";

export interface Refusals {
  /** A name that no other command has. */
  nextId(): string;
  /** Publishes, and waits for the event `command.rejected` and the outcome. */
  durably(sent: Sent): Promise<ErrorBody>;
  /** Publishes without a command id, and waits for the event about this place in the stream; answers its subject. */
  anonymously(sent: Sent): Promise<{ subject: string; error: ErrorBody }>;
  /** Waits for the event about a command to this schedule, whoever sent it. */
  about(scheduleId: string): Promise<{ error: ErrorBody }>;
  /** Asks, and waits for the answer. */
  overRpc(sent: Sent): Promise<ErrorBody>;
  /** Sends it in both ways, which must agree, and answers what they said and whether it held up the worker. */
  both(what: string, sent: Asked): Promise<{ code: string; paths: string[] }>;
  /** Takes something in that may do no harm, as often as it takes to see how long it holds up the worker. */
  enter(
    what: string,
    take: () => Promise<{ code: string; paths: string[] }>,
  ): Promise<{ code: string; paths: string[] }>;
  /** The worker is the one that it was: ready, still firing, its inbox empty, without an error in its log, and it has lost no lease but by the machine's fault. */
  harmNobody(): Promise<void>;
}

/** A command to a schedule of its own. */
export interface Asked {
  readonly verb: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Characters of a subject that an event repeats. */
const SUBJECT_SHOWN_MAX = 256;

/** What one input may hold up the worker's event loop. */
const LAG_MS_MAX = 50;

/** The event loop is looked at so often, and less is not seen. */
const LAG_SEEN_MS = 10;

/** Times that an input is sent before it counts as slow: other processes only ever add. */
const TRIES_MAX = 20;

const METRONOME = "metronome";

export async function refusalsOf(stack: Stack, worker: WorkerProcess, witness: Witness): Promise<Refusals> {
  let count = 0;
  const table: string[] = [];
  await stack.client().create(METRONOME, every(0.5));
  const nextId = () => `refused-${++count}`;
  const enter: Refusals["enter"] = async (what, take) => {
    let [answer, lagMs] = await lagOf(worker, take);
    for (let tries = 1; lagMs >= LAG_MS_MAX && tries < TRIES_MAX; tries++) {
      [answer, lagMs] = await lagOf(worker, take);
    }
    const { code, paths } = answer;
    const place = paths[0] === undefined ? "" : ` at ${JSON.stringify(paths[0])}`;
    table.push(`${what} → ${code}${place} (lag ${lagMs.toFixed(0)} ms)`);
    expect(lagMs).toBeLessThan(LAG_MS_MAX);
    return answer;
  };
  return {
    nextId,
    enter,
    both: (what, { verb, ...sent }) =>
      enter(what, async () => {
        const scheduleId = nextId();
        const place = `scheduler.default.${verb}.${scheduleId}`;
        const durable = await durably(stack, witness, { subject: `cmd.${place}`, ...sent }, ++count);
        const asked = await overRpc(stack, { subject: `rpc.${place}`, ...sent });
        expect([asked.code, pathsOf(asked)]).toEqual([durable.code, pathsOf(durable)]);
        await expect(stack.client().get(scheduleId)).rejects.toMatchObject({ code: "not_found" });
        return { code: durable.code, paths: pathsOf(durable) };
      }),
    durably: (sent) => durably(stack, witness, sent, ++count),
    anonymously: async (sent) => {
      const sequence = await store(stack.nc, sent);
      const { subject, body } = await witness.audit.until(
        (items) => items.find(({ headers }) => headers["Nats-Msg-Id"]?.includes(`.#${sequence}@`)),
        `the refusal of ${sent.subject}`,
      );
      const { data } = JSON.parse(body);
      expect(data.subject).toBe(sent.subject.slice(0, SUBJECT_SHOWN_MAX));
      return { subject, error: data.error };
    },
    about: async (scheduleId) => {
      const { body } = await witness.audit.until(
        (items) => items.find(({ subject }) => subject.endsWith(`.command.rejected.${scheduleId}`)),
        `the refusal about ${scheduleId}`,
      );
      return JSON.parse(body).data;
    },
    overRpc: (sent) => overRpc(stack, sent),
    harmNobody: async () => {
      const before = witness.commands(METRONOME).length;
      await witness.sent(METRONOME, before + 2);
      expect((await worker.page("/ready")).status).toBe(200);
      expect(worker.log.items.filter((line) => line.level === "error" || isLoss(line))).toEqual([]);
      await expect.poll(() => inboxOf(stack)).toBe(0);
      for (const line of table) say(line);
    },
  };
}

/** Expiry alone is no loss by input: how long each input holds the worker up is measured, and others hold up the machine. */
const isLoss = ({ msg, reason }: LogLine): boolean =>
  msg.startsWith("lease lost") && reason !== "lease_expired";

/** The longest that the worker's event loop was held up meanwhile: Node's own measure, which begins anew at each reading. */
async function lagOf<Answer>(worker: WorkerProcess, take: () => Promise<Answer>): Promise<[Answer, number]> {
  const read = async (): Promise<number> => {
    const { body } = await worker.page("/metrics");
    return Number(/^nodejs_eventloop_lag_max_seconds (\S+)$/m.exec(body)?.[1]) * 1_000;
  };
  await read();
  const answer = await take();
  return [answer, Math.max(LAG_SEEN_MS, await read())];
}

/** Commands in the inbox that are not settled. */
async function inboxOf({ nc }: Stack): Promise<number> {
  const info = await nc.request("$JS.API.STREAM.INFO.SCHEDULER_COMMANDS");
  return info.json<{ state: { messages: number } }>().state.messages;
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
