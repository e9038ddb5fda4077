/**
 * Definitions that no worker may accept: what is wrong with each, the code that says so, and where. Targets are judged
 * under a tenants file that allows everything, so that only what is reserved or malformed is left to refuse.
 */

import type { ErrorCode, ScheduleDefinition } from "@carillon/contracts";
import { define, instant, manual, TARGET } from "./definition.ts";

/** Bytes of a payload that the rows below assume. */
export const PAYLOAD_BYTES_MAX = 200;

/** Subject whose payloads have a schema: an object with a text `user`. */
export const CHECKED = "cmd.checked.send";

/** One definition: what is wrong with it, the code, and the place that the details name. */
export type Row = [what: string, code: ErrorCode, path: string, body: unknown];

/** A manual schedule with this target. */
export const to = (subject: string, more: Partial<ScheduleDefinition> = {}) =>
  define({ type: "manual" }, { target: { subject }, ...more });
const wide = (members: number) => Object.fromEntries(Array.from({ length: members }, (_, n) => [`f${n}`, 1]));
const nested = (levels: number) => `${"[".repeat(levels)}${"]".repeat(levels)}`;

export const SHAPES: Row[] = [
  ["no JSON", "invalid_json", "", "{not json"],
  ["a byte order mark", "invalid_json", "", `\uFEFF${JSON.stringify(manual())}`],
  ["JSON cut short", "invalid_json", "", '{"trigger":{"type":"manual"},"targ'],
  ["a number out of range", "invalid_json", "", '{"trigger":{"type":"interval","everySeconds":1e999}}'],
  ["bytes that are no UTF-8", "invalid_json", "", new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])],
  ["a surrogate as UTF-8", "invalid_json", "", new Uint8Array([0x22, 0xed, 0xa0, 0x80, 0x22])],
  ["1e400", "invalid_json", "", '{"payload":1e400}'],
  [
    "a name twice",
    "invalid_json",
    "",
    `{"target":{"subject":"a","subject":"${TARGET}"},"trigger":{"type":"manual"}}`,
  ],
  ["a name twice, deep in the payload", "invalid_json", "", `{"payload":[{"a":1,"a":2}]}`],
  ["JSON nested 1,000 deep", "invalid_json", "", nested(1_000)],
  ["JSON nested 100,000 deep", "invalid_json", "", nested(100_000)],
  ["objects nested 30,000 deep", "invalid_json", "", `${'{"a":'.repeat(30_000)}1${"}".repeat(30_000)}`],
  ["a payload nested past the limit", "invalid_json", "", `{"payload":${nested(64)}}`],
  ["80,000 empty lists", "payload_too_large", "/payload", manual({ payload: Array(80_000).fill([]) })],
  ["22,000 unknown fields", "invalid_body", "", wide(22_000)],
  ["1,000 unknown fields", "invalid_definition", "/f0", wide(1_000)],
  ["a name of 200,000 characters", "invalid_definition", `/${"x".repeat(60)}…`, { ["x".repeat(200_000)]: 1 }],
  ["an empty body", "invalid_definition", "", ""],
  ["an array", "invalid_definition", "", []],
  ["null", "invalid_definition", "", "null"],
  ["an unknown field", "invalid_definition", "/tigger", { ...manual(), tigger: 1 }],
  [
    "an unknown field inside",
    "invalid_definition",
    "/target/subjekt",
    { ...manual(), target: { subject: TARGET, subjekt: 1 } },
  ],
  ...["__proto__", "constructor", "prototype"].map(
    (name): Row => [
      `${name} as a field`,
      "invalid_definition",
      `/${name}`,
      `{"trigger":{"type":"manual"},"target":{"subject":"a"},"${name}":{"admin":true}}`,
    ],
  ),
  [
    "__proto__ as a field of the trigger",
    "invalid_definition",
    "/trigger/__proto__",
    '{"trigger":{"type":"manual","__proto__":{"type":"cron"}},"target":{"subject":"a"}}',
  ],
  ["no trigger", "invalid_definition", "/trigger", { target: { subject: TARGET } }],
  ["no target", "invalid_definition", "/target", { trigger: { type: "manual" } }],
  [
    "an unknown type of trigger",
    "invalid_definition",
    "/trigger/type",
    { ...manual(), trigger: { type: "moon" } },
  ],
  [
    "a trigger with a field of another type",
    "invalid_definition",
    "/trigger/at",
    { ...manual(), trigger: { type: "manual", at: instant(0) } },
  ],
  [
    "an instant that is none",
    "invalid_definition",
    "/trigger/at",
    { ...manual(), trigger: { type: "at", at: "tomorrow" } },
  ],
  ["maxExecutions 0", "invalid_definition", "/maxExecutions", manual({ maxExecutions: 0 })],
  ["maxExecutions 1.5", "invalid_definition", "/maxExecutions", manual({ maxExecutions: 1.5 })],
  [
    "400 attempts with factor 10",
    "invalid_definition",
    "/retry/maxAttempts",
    manual({ retry: { maxAttempts: 400, factor: 10 } }),
  ],
  ["factor 10.1", "invalid_definition", "/retry/factor", manual({ retry: { factor: 10.1 } })],
  ["33 tags", "invalid_definition", "/tags", manual({ tags: Array.from({ length: 33 }, (_, n) => `t${n}`) })],
  ["a tag with a line break", "invalid_definition", "/tags/0", manual({ tags: ["a\r\nb"] })],
  ["a tag of 100 KB", "invalid_definition", "/tags/0", manual({ tags: ["x".repeat(100_000)] })],
];

const SUBJECT = "/target/subject";

const withHeader = (name: string, value: string) => ({
  ...manual(),
  target: { subject: TARGET, headers: { [name]: value } },
});
const withHeaders = (count: number) => ({ ...manual(), target: { subject: TARGET, headers: wide(count) } });
const shownIn = (name: string) => `/target/headers/${name.length > 60 ? `${name.slice(0, 60)}…` : name}`;

const RESERVED_NAMES = [
  "Nats-Msg-Id",
  "nats-expected-stream",
  "NATS-TTL",
  "Nats-Rollup",
  "nAtS-Schedule",
  "Scheduler-Tenant",
  "scheduler-execution-id",
  "SCHEDULER-CAUSE",
];
const BROKEN_NAMES = ["", "a b", "a:b", "a\rb", "a\nb", "a\r\nNats-Msg-Id", "a\0b", "é", "x".repeat(100_000)];
const BROKEN_VALUES = ["a\rb", "a\nb", "a\r\nNats-Msg-Id: b", "a\0b", "\u001b[31m", "x".repeat(100_000)];

export const HEADERS: Row[] = [
  ...[...RESERVED_NAMES, ...BROKEN_NAMES].map(
    (name): Row => [`named ${briefly(name)}`, "invalid_definition", shownIn(name), withHeader(name, "x")],
  ),
  ...BROKEN_VALUES.map(
    (value): Row => [
      `with the value ${briefly(value)}`,
      "invalid_definition",
      "/target/headers/X",
      withHeader("X", value),
    ],
  ),
  ["17 in number", "invalid_definition", "/target/headers", withHeaders(17)],
  ["22,000 in number", "invalid_body", "/target/headers", withHeaders(22_000)],
];

function briefly(text: string): string {
  return text.length > 40 ? `of ${text.length} characters` : JSON.stringify(text);
}

export const TARGETS: Row[] = [
  ["the server's API", "target_reserved", SUBJECT, to("$JS.API.STREAM.DELETE.SCHEDULER_COMMANDS")],
  ["the server's system", "target_reserved", SUBJECT, to("$SYS.REQ.SERVER.PING")],
  ["a bucket", "target_reserved", SUBJECT, to("$KV.scheduler_state.0.default.x")],
  ["an inbox", "target_reserved", SUBJECT, to("_INBOX.abc")],
  ["a gateway's reply subject", "target_reserved", SUBJECT, to("_R_.abc")],
  [
    "an event of the scheduler",
    "target_reserved",
    SUBJECT,
    to("evt.scheduler.default.execution.dispatched.x"),
  ],
  ["a report", "target_reserved", SUBJECT, to("rpt.scheduler.default.x.y.1.completed")],
  ["a dead letter", "target_reserved", SUBJECT, to("dead.scheduler.default.x")],
  ["an rpc of the scheduler", "target_reserved", SUBJECT, to("rpc.scheduler.default.delete.x")],
  ["an rpc of anybody", "target_reserved", SUBJECT, to("rpc.x")],
  ["the inbox of the scheduler", "target_reserved", SUBJECT, to("scheduler.inbox.1.default.delete.x")],
  ["a command in another tenant's name", "target_reserved", SUBJECT, to("cmd.scheduler.acme.delete.x")],
  [
    "a command that no entry names literally",
    "target_not_allowed",
    SUBJECT,
    to("cmd.scheduler.default.delete.x"),
  ],
  ["the wildcard *", "target_invalid", SUBJECT, to("cmd.notification.*")],
  ["the wildcard >", "target_invalid", SUBJECT, to("cmd.notification.>")],
  ["a space", "target_invalid", SUBJECT, to("cmd.notification.a b")],
  ["a line break", "target_invalid", SUBJECT, to("cmd.notification.a\r\nPUB x 0")],
  ["an empty token", "target_invalid", SUBJECT, to("cmd..notification")],
  ["an empty first token", "target_invalid", SUBJECT, to(".cmd.notification")],
  ["an empty last token", "target_invalid", SUBJECT, to("cmd.notification.")],
  ["letters outside ASCII", "target_invalid", SUBJECT, to("cmd.notification.sénd")],
  ["nothing", "target_invalid", SUBJECT, to("")],
  ["a line break alone", "target_invalid", SUBJECT, to("cmd.notification.a\nb")],
  ["a NUL", "target_invalid", SUBJECT, to("cmd.notification.a\0b")],
  ["a tab and a reply subject", "target_invalid", SUBJECT, to("cmd.notification.a\tevil.reply")],
  ["a letter that looks like another", "target_invalid", SUBJECT, to("cmd.nоtification.send")],
  ["5,000 characters", "target_invalid", SUBJECT, to(`cmd.notification.${"a".repeat(5_000)}`)],
  ["100,000 empty tokens", "target_invalid", SUBJECT, to(".".repeat(100_000))],
  ["256 characters", "target_invalid", SUBJECT, to(`cmd.notification.${"a".repeat(239)}`)],
];

export const PAYLOADS: Row[] = [
  [
    "longer than the tenant may send",
    "payload_too_large",
    "/payload",
    manual({ payload: "x".repeat(PAYLOAD_BYTES_MAX - 1) }),
  ],
  [
    "against the schema of its target",
    "payload_invalid",
    "/payload/user",
    to(CHECKED, { payload: { user: 7 } }),
  ],
  ["without what the schema requires", "payload_invalid", "/payload/user", to(CHECKED, { payload: {} })],
  ["missing where there is a schema", "payload_invalid", "/payload", to(CHECKED)],
];
