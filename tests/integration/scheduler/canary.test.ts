/*
 * A secret text in payloads, header values of targets and the password of NATS, and everything that a worker says while
 * it does whatever it does: no line, event, error, metric or page repeats it. Dead letters, and the definitions that
 * `created` and `updated` carry, hold it by design.
 */

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { names, partitionOf } from "@carillon/contracts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { every, manual, TARGET, UNCAPTURED } from "../../support/definition.ts";
import { openStack, type Stack } from "../../support/stack.ts";
import { ask, type Sent, store } from "../../support/wire.ts";
import { type Witness, witnessOf } from "../../support/witness.ts";
import type { WorkerProcess } from "../../support/worker-process.ts";

const CANARY = "t0p-s3cret";
const LOGIN = { user: "worker", password: `${CANARY}-password` };
const PAYLOAD = { word: `${CANARY}-payload`, deep: { deeper: [`${CANARY}-deeper`] } };
const HEADERS = { Authorization: `Bearer ${CANARY}-header` };
/** Workers that are started side by side. */
const TRIES_AT_ONCE = 4;
const STRICT = "cmd.strict.send";

let stack: Stack;
let worker: WorkerProcess;
let witness: Witness;
/** Everything said that is no stream: by place. */
const said: Record<string, string> = {};

const { keys, buckets } = names();
const key = (scheduleId: string): string =>
  keys.schedule.build({ partition: partitionOf("default", scheduleId, 32), tenant: "default", scheduleId });

/** With a secret in each place that may hold one, and something wrong somewhere. */
const REFUSED: Record<string, Sent["body"]> = {
  "cut off": `{"payload":"${CANARY}`,
  "not in UTF-8": `{"payload":"${CANARY}","trigger":{\u0000`,
  "an odd header value": manual({ target: { subject: TARGET, headers: { A: `${CANARY}\r\nX: y` } } }),
  "a long header value": manual({ target: { subject: TARGET, headers: { A: CANARY.padEnd(5_000, "x") } } }),
  "a header that is a list": { ...manual(), target: { subject: TARGET, headers: { A: [CANARY] } } },
  "headers that are text": { ...manual(), target: { subject: TARGET, headers: CANARY } },
  "a reserved header": manual({ target: { subject: TARGET, headers: { "Nats-X": CANARY } } }),
  "a payload beside the schema": manual({ target: { subject: STRICT }, payload: { n: CANARY } }),
  "a payload that is no object": manual({ target: { subject: STRICT }, payload: CANARY }),
  "a value that the schema does not list": manual({
    target: { subject: STRICT },
    payload: { n: 1, kind: CANARY },
  }),
  "a payload that is too long": manual({ payload: CANARY.padEnd(70_000, "x") }),
  "a forbidden target": manual({ target: { subject: "cmd.other", headers: HEADERS }, payload: PAYLOAD }),
  "an unknown field": { ...manual({ payload: PAYLOAD }), unknown: CANARY },
  "a trigger of no kind": { ...manual({ payload: PAYLOAD }), trigger: { type: "never" } },
  "a payload as the whole": CANARY,
};

async function refuse(): Promise<void> {
  for (const [what, body] of Object.entries(REFUSED)) {
    const { reply } = await ask(stack.nc, { subject: "rpc.scheduler.default.create.refused", body });
    expect([what, reply.ok]).toEqual([what, false]);
    said[`the answer to ${what}`] = JSON.stringify(reply);
    const commandId = `default.${what.replaceAll(" ", "-")}`;
    await store(stack.nc, {
      subject: "cmd.scheduler.default.create.refused",
      body,
      headers: { "Nats-Msg-Id": commandId },
    });
    await witness.rejected(commandId);
  }
  for (const [verb, body] of [
    ["create", manual({ payload: `${CANARY}-other` })],
    ["trigger", `{"payload":"${CANARY}`],
    ["trigger", { payload: CANARY, more: CANARY }],
    ["pause", { why: CANARY }],
    ["update", { payload: PAYLOAD, trigger: {} }],
    ["apply", CANARY],
    ["apply", JSON.stringify(CANARY)],
  ] as const) {
    const { reply } = await ask(stack.nc, { subject: `rpc.scheduler.default.${verb}.hand`, body });
    expect([verb, reply.ok]).toEqual([verb, false]);
    said[`the answer to ${verb} ${JSON.stringify(body)}`] = JSON.stringify(reply);
  }
}

/** Starts a worker that is configured badly; what it wrote until it ended, or until it complained. */
async function misconfigured(settings: Record<string, string>): Promise<string> {
  const one = stack.worker({ LOG_LEVEL: "trace", ...settings });
  const complained = one.log.nth(1, ({ msg }) => msg.startsWith("connection to "), 15_000, "its complaint");
  await Promise.race([complained.catch(() => {}), one.exited]);
  const { stderr } = await one.end("SIGKILL");
  expect(stderr.length + one.log.items.length).toBeGreaterThan(0);
  return stderr + JSON.stringify(one.log.items);
}

async function misconfigure(): Promise<void> {
  const file = join(stack.folder, "secret");
  await writeFile(file, `${CANARY}-file\n`);
  const at = (user: string): string => stack.server.url.replace("//", `//${user}@`);
  const tries: Record<string, string>[] = [
    { NATS_PASSWORD: `${CANARY}-wrong` },
    { NATS_URL: at(`worker:${CANARY}-wrong`), NATS_USER: "", NATS_PASSWORD: "" },
    { NATS_URL: at(`${CANARY}-token`), NATS_USER: "", NATS_PASSWORD: "" },
    { NATS_URL: `nats://worker:${CANARY}@[`, NATS_USER: "", NATS_PASSWORD: "" },
    { NATS_URL: `nats://worker:${CANARY}@127.0.0.1:1,http://a:${CANARY}@b`, LOG_LEVEL: "loud" },
    { NATS_CREDS_FILE: file, NATS_USER: "", NATS_PASSWORD: "" },
    { NATS_NKEY_SEED_FILE: file, NATS_USER: "", NATS_PASSWORD: "" },
    { NATS_TLS_CA_FILE: file, NATS_TLS_CERT_FILE: file, NATS_TLS_KEY_FILE: file },
    { REDIS_URL: `redis://:${CANARY}@127.0.0.1:1` },
    { POSTGRES_URL: `postgres://u:${CANARY}@h/d`, LOCK_TIMEOUT_SECONDS: "1" },
    { NATS_CREDS_FILE: file, NATS_PASSWORD: CANARY },
  ];
  for (let n = 0; n < tries.length; n += TRIES_AT_ONCE) {
    const some = tries.slice(n, n + TRIES_AT_ONCE);
    const words = await Promise.all(some.map(misconfigured));
    for (const [index, text] of words.entries()) said[`bad configuration ${n + index}`] = text;
  }
}

beforeAll(async () => {
  stack = await openStack({
    login: LOGIN,
    config: `authorization { user: "${LOGIN.user}", password: "${LOGIN.password}" }`,
    settings: { LOG_LEVEL: "trace" },
    tenants: {
      default: {
        targets: [
          { subject: "cmd.notification.>", capture: true },
          { subject: "cmd.uncaptured.>" },
          { subject: STRICT, payloadSchema: "strict.json" },
        ],
        maxPayloadBytes: 65_536,
      },
    },
  });
  const n = { type: "integer" };
  const kind = { enum: ["known"] };
  await writeFile(
    join(stack.folder, "strict.json"),
    JSON.stringify({ type: "object", properties: { n, kind }, required: ["n"] }),
  );
  worker = stack.worker();
  await worker.settled();
  witness = await witnessOf(stack.nc);
});
afterAll(() => stack.close());

/** Fires, by the clock and by hand, in both ways of delivery; retries, fails, is paused, changed, deleted, set aside. */
async function live(): Promise<void> {
  const client = stack.client();
  const secret = { payload: PAYLOAD, target: { subject: TARGET, headers: HEADERS } };
  const nowhere = { subject: UNCAPTURED, headers: HEADERS };
  await client.create("clock", every(0.5, secret));
  await client.create("hand", manual(secret));
  await client.create("core", manual({ ...secret, target: { ...nowhere, delivery: "core" } }));
  const retry = { maxAttempts: 2, initialDelaySeconds: 0.1 };
  await client.create("fails", manual({ ...secret, target: nowhere, retry, disableAfterFailures: 1 }));
  for (const id of ["hand", "core", "fails"]) await client.trigger(id, { payload: `${CANARY}-trigger` });
  await client.update("hand", { payload: `${CANARY}-updated` });
  await client.pause("hand");
  await client.delete("core");
  await witness.sent("clock", 2);
  await witness.recorded("fails", "disabled");
  await witness.deadLetters.until((letters) => letters.length > 0, "the dead letter");
}

/** A record that holds the secret and cannot be read, and a takeover that finds it. */
async function setAside(): Promise<void> {
  await worker.end();
  said["the log of the first worker"] = JSON.stringify(worker.log.items) + (await worker.exited).stderr;
  for (const [id, body] of [
    ["hand", `{"owed":"${CANARY}`],
    ["fails", { v: 1, status: CANARY, owed: [{ payload: PAYLOAD }] }],
  ] as const)
    await store(stack.nc, { subject: keys.subject(buckets.state, key(id)), body });
  worker = stack.worker();
  await worker.settled();
  for (const id of ["hand", "fails"]) await witness.recorded(id, "set_aside");
  const { reply } = await ask(stack.nc, {
    subject: "rpc.scheduler.default.trigger.hand",
    body: { payload: CANARY },
  });
  said["the answer about what is set aside"] = JSON.stringify(reply);
}

/** An event, less the definitions that it may carry. */
function withoutDefinition(body: string): string {
  const event = JSON.parse(body);
  if (/\.(created|updated)\.v1$/.test(event.type))
    for (const field of ["definition", "effective", "diff"]) delete event.data[field];
  return JSON.stringify(event);
}

describe("a secret in payloads, header values and the password", () => {
  it("is repeated nowhere, whatever happens", { timeout: 60_000 }, async () => {
    await live();
    await refuse();
    await setAside();
    await misconfigure();
    for (const path of ["/live", "/ready", "/health", "/health/detailed", "/metrics", "/nowhere"])
      said[path] = (await worker.page(path)).body;
    for (const question of ["PING", "INFO", "STATS"])
      said[question] = (await stack.nc.request(`$SRV.${question}.scheduler`)).string();
    await worker.end();
    said["the log of the last worker"] = JSON.stringify(worker.log.items) + (await worker.exited).stderr;
    await witness.caughtUp();
    for (const { subject, headers, body } of [...witness.executions.items, ...witness.audit.items])
      said[`${subject} ${headers["Nats-Msg-Id"]}`] = JSON.stringify(headers) + withoutDefinition(body);
    const leaks = Object.entries(said).filter(([, text]) => text.includes(CANARY));
    expect(leaks.map(([place, text]) => `${place}: ${around(text)}`)).toEqual([]);
    expect(Object.keys(said).length).toBeGreaterThan(100);
  });
});

const around = (text: string): string =>
  text.slice(Math.max(0, text.indexOf(CANARY) - 120), text.indexOf(CANARY) + 60);
