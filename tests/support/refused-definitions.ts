/**
 * Definitions that no worker may accept: what is wrong with each, the code that says so, and where. Targets are judged
 * under a tenants file that allows everything, so that only what is reserved or malformed is left to refuse.
 */

import type { ErrorCode, ScheduleDefinition } from "@carillon/contracts";
import { ahead, define, every, instant, manual, once, TARGET } from "./definition.ts";

/** Bytes of a payload that the rows below assume. */
export const PAYLOAD_BYTES_MAX = 200;

/** Subject whose payloads have a schema: an object with a text `user`. */
export const CHECKED = "cmd.checked.send";

/** One definition: what is wrong with it, the code, and the place that the details name. */
export type Row = [what: string, code: ErrorCode, path: string, body: unknown];

/** A manual schedule with this target. */
export const to = (subject: string, more: Partial<ScheduleDefinition> = {}) =>
  define({ type: "manual" }, { target: { subject }, ...more });
const cron = (expression: string, timezone = "UTC") => define({ type: "cron", expression, timezone });
const rrule = (rule: string) => define({ type: "rrule", rrule: rule });

export const SHAPES: Row[] = [
  ["no JSON", "invalid_json", "", "{not json"],
  ["a byte order mark", "invalid_json", "", `\uFEFF${JSON.stringify(manual())}`],
  ["JSON cut short", "invalid_json", "", '{"trigger":{"type":"manual"},"targ'],
  ["a number out of range", "invalid_json", "", '{"trigger":{"type":"interval","everySeconds":1e999}}'],
  ["JSON nested too deeply", "invalid_json", "", `${"[".repeat(5_000)}${"]".repeat(5_000)}`],
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
  [
    "__proto__ as a field",
    "invalid_definition",
    "/__proto__",
    '{"trigger":{"type":"manual"},"target":{"subject":"a"},"__proto__":{}}',
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
  ["an interval of nothing", "invalid_definition", "/trigger/everySeconds", every(0)],
  [
    "an instant that is none",
    "invalid_definition",
    "/trigger/at",
    { ...manual(), trigger: { type: "at", at: "tomorrow" } },
  ],
  ["too many attempts", "invalid_definition", "/retry/maxAttempts", manual({ retry: { maxAttempts: 12 } })],
  [
    "too many tags",
    "invalid_definition",
    "/tags",
    manual({ tags: Array.from({ length: 33 }, (_, n) => `t${n}`) }),
  ],
  [
    "a header of NATS",
    "invalid_definition",
    "/target/headers/Nats-Msg-Id",
    { ...manual(), target: { subject: TARGET, headers: { "Nats-Msg-Id": "x" } } },
  ],
  [
    "a header of the scheduler",
    "invalid_definition",
    "/target/headers/scheduler-tenant",
    { ...manual(), target: { subject: TARGET, headers: { "scheduler-tenant": "x" } } },
  ],
  [
    "a header with a line break",
    "invalid_definition",
    "/target/headers/X",
    { ...manual(), target: { subject: TARGET, headers: { X: "a\r\nb: c" } } },
  ],
];

export const TIMES: Row[] = [
  ["a zone that is none", "invalid_timezone", "/trigger/timezone", cron("0 9 * * *", "Mars/Olympus")],
  ["a cron expression that cannot be read", "invalid_trigger", "/trigger/expression", cron("61 * * * *")],
  ["a cron expression of four fields", "invalid_trigger", "/trigger/expression", cron("* * * *")],
  ["an empty cron expression", "invalid_trigger", "/trigger/expression", cron("")],
  ["a cron expression that never fires", "never_fires", "/trigger/expression", cron("0 0 30 2 *")],
  ["a rule that cannot be read", "invalid_trigger", "/trigger/rrule", rrule("FREQ=SOMETIMES")],
  [
    "a rule that is over",
    "never_fires",
    "/trigger/rrule",
    rrule("DTSTART:20200101T000000Z\nRRULE:FREQ=DAILY;COUNT=3"),
  ],
  [
    "an instant in the past",
    "at_in_past",
    "/trigger/at",
    { ...manual(), trigger: { type: "at", at: "2020-01-01T00:00:00Z" } },
  ],
  ["an instant too far away", "at_too_far", "/trigger/at", once(ahead(366 * 86_400))],
  [
    "an end before the start",
    "invalid_bounds",
    "/endAt",
    every(1, { startAt: "2050-01-02T00:00:00Z", endAt: "2050-01-01T00:00:00Z" }),
  ],
  [
    "a jitter longer than the interval",
    "jitter_too_long",
    "/jitterSeconds",
    every(10, { jitterSeconds: 10 }),
  ],
];

const SUBJECT = "/target/subject";

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
