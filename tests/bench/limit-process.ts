/**
 * The bare loop. So many fires are under way at once, each in a slot: the state, on its answer the command, on that one's answer the
 * event, then the slot's next fire. A slot goes round a share of the keys that is its own, so that no key fires twice at once.
 */

import { MsgHdrsImpl } from "@nats-io/nats-core/internal";
import { connect, createInbox, type Msg, type NatsConnection } from "@nats-io/transport-node";
import { answering } from "./asked-process.ts";
import type { Limit, LimitOrder } from "./limit-loop.ts";
import { MESSAGES, type ModelMessage } from "./model-fire.ts";
import { patientManager } from "./patient-manager.ts";

/** More make it no faster. */
const SLOTS_MAX = 2_000;
const EXPECTED = "Nats-Expected-Last-Subject-Sequence";
const MESSAGE_ID = "Nats-Msg-Id";

answering(async ({ server, keys, fires, model }: LimitOrder): Promise<Limit> => {
  const nc = await connect({ servers: server, noAsyncTraces: true });
  const manager = await patientManager(nc);
  for (const name of MESSAGES) await manager.streams.add(model[name].stream);
  const [state, command, event] = MESSAGES.map((name) => templateOf(model[name], model.scheduleId));
  if (state === undefined || command === undefined || event === undefined) throw new Error("no model");

  const publish = answered(nc);
  const revisions = new Float64Array(keys);
  await inSlots(keys, keys, async (slot, key) => {
    revisions[key] = await publish(slot, state, key, 0);
  });
  const startMs = performance.now();
  let commandsMs = 0;
  await inSlots(keys, fires, async (slot, key, fire) => {
    revisions[key] = await publish(slot, state, key, revisions[key] ?? 0);
    await publish(slot, command, key, fire);
    commandsMs = performance.now() - startMs;
    await publish(slot, event, key, fire);
  });
  const perSecond = (fires * 1_000) / (performance.now() - startMs);
  await nc.close();
  return { perSecond, commandsMs };
});

type Publish = (slot: number, template: Template, key: number, distinct: number) => Promise<number>;

/** Publishes and waits for the sequence in the stream; a slot is its own reply subject. */
function answered(nc: NatsConnection): Publish {
  const inbox = `${createInbox()}.`;
  const waiting: ((message: Msg) => void)[] = [];
  nc.subscribe(`${inbox}*`, {
    callback: (_, message) => waiting[Number(message.subject.slice(inbox.length))]?.(message),
  });
  return async (slot, { subject, headers, body }, key, distinct) => {
    const answer = new Promise<Msg>((resolve) => {
      waiting[slot] = resolve;
    });
    nc.publish(subject(key), body, { headers: headers(distinct), reply: inbox + slot });
    const message = await answer;
    const { seq, duplicate } = message.json<{ seq?: number; duplicate?: boolean }>();
    if (seq === undefined || duplicate === true) throw new Error(message.string());
    return seq;
  };
}

async function inSlots(
  keys: number,
  fires: number,
  fireOne: (slot: number, key: number, fire: number) => Promise<void>,
): Promise<void> {
  const slots = Math.min(keys, fires, SLOTS_MAX);
  const run = async (slot: number): Promise<void> => {
    let key = slot;
    for (let fire = slot; fire < fires; fire += slots) {
      await fireOne(slot, key, fire);
      key = key + slots < keys ? key + slots : slot;
    }
  };
  await Promise.all(Array.from({ length: slots }, (_, slot) => run(slot)));
}

interface Template {
  subject(key: number): string;
  /** The expected sequence, or what makes the message id. */
  headers(distinct: number): MsgHdrsImpl;
  readonly body: Uint8Array;
}

/** Every message is as long as the model's; where two must differ, they differ in digits. */
function templateOf({ subject, headers, body }: ModelMessage, scheduleId: string): Template {
  const digits = /\d+$/.exec(scheduleId)?.[0] ?? "";
  const [before = "", after = null] = subject.split(digits);
  const ours = [EXPECTED, MESSAGE_ID];
  const constant = headers.filter(([name]) => !ours.includes(name));
  const rest = constant.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  const [name, value] = headers.find(([one]) => ours.includes(one)) ?? ["", ""];
  const padding = name === MESSAGE_ID ? value.length : 0;
  return {
    body,
    subject: (key) => (after === null ? subject : before + String(key).padStart(digits.length, "0") + after),
    headers: (distinct) =>
      new Encoded(`NATS/1.0\r\n${name}: ${String(distinct).padStart(padding, "0")}\r\n${rest}\r\n`),
  };
}

/** As they go on the wire; the library's own map would cost a search a field. */
class Encoded extends MsgHdrsImpl {
  readonly text: string;
  constructor(text: string) {
    super();
    this.text = text;
  }
  override encode(): Uint8Array {
    return Buffer.from(this.text);
  }
}
