/** Commands as they lie on the wire: a subject, the bytes of headers, the bytes of a body, a reply subject. */

import { CONTROL_HEADERS, NATS_HEADERS, READ_VERBS, WRITE_VERBS, type WriteVerb } from "@carillon/contracts";
import fc from "fast-check";
import { definition, patch, previewBody, verifyBody } from "./definitions.ts";
import { mutated, oddJson, oddText } from "./odd.ts";

export interface Wire {
  readonly family: "cmd" | "rpc";
  readonly subject: string;
  readonly headers: Uint8Array;
  readonly body: Uint8Array;
  readonly reply: string | undefined;
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

const tenant = fc.oneof(
  { weight: 30, arbitrary: fc.constant("acme") },
  fc.constantFrom("beta", "nobody", "constructor"),
  oddText,
);
const scheduleId = fc.oneof(
  { weight: 30, arbitrary: fc.constantFrom(...Array<string>(9).fill("daily"), "__proto__") },
  fc.constant("x".repeat(65)),
  oddText,
);

const HEADER_NAMES = [
  ...Object.values(CONTROL_HEADERS),
  NATS_HEADERS.messageId,
  NATS_HEADERS.traceparent,
  "X-Other",
];
const GOOD: Readonly<Record<string, string>> = {
  [CONTROL_HEADERS.actor]: "ada",
  [CONTROL_HEADERS.reason]: "because",
  [CONTROL_HEADERS.expectedVersion]: "1",
  [CONTROL_HEADERS.dryRun]: "true",
  [CONTROL_HEADERS.replyTo]: "_INBOX.a.b",
  [CONTROL_HEADERS.commandId]: "acme.given",
  [NATS_HEADERS.messageId]: "acme.message",
  [NATS_HEADERS.traceparent]: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
};
const header = fc
  .constantFrom(...HEADER_NAMES)
  .chain((name) =>
    fc
      .oneof({ weight: 3, arbitrary: fc.constant(GOOD[name] ?? "") }, { weight: 2, arbitrary: oddText })
      .map((value) => `${name}: ${value}`),
  );
const line = fc.oneof(
  { weight: 8, arbitrary: header },
  fc.constantFrom("garbage", ": nameless", "a b: c", "Scheduler-Actor"),
  oddText,
);
const headers = fc.oneof(
  { weight: 3, arbitrary: fc.constant(bytes("NATS/1.0\r\n\r\n")) },
  {
    weight: 4,
    arbitrary: fc
      .array(line, { maxLength: 5 })
      .map((lines) => bytes(`NATS/1.0\r\n${lines.join("\r\n")}\r\n\r\n`)),
  },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 64 }) },
);

const BODIES = {
  create: definition,
  apply: definition,
  update: patch,
  delete: fc.constant({}),
  pause: fc.constant({}),
  resume: fc.constantFrom({ from: "now" }, { from: "catch_up" }, {}),
  trigger: fc.oneof(fc.constant({}), fc.record({ payload: oddJson })),
} satisfies Record<WriteVerb, fc.Arbitrary<unknown>>;

/** The bytes of JSON; sometimes of what only looks like it. */
export const spoiltJson = (value: fc.Arbitrary<unknown>): fc.Arbitrary<Uint8Array> =>
  fc.oneof(
    { weight: 40, arbitrary: value.map((one) => bytes(JSON.stringify(one))) },
    {
      weight: 1,
      arbitrary: fc.tuple(value, fc.nat(400)).map(([one, end]) => bytes(JSON.stringify(one).slice(0, end))),
    },
    { weight: 1, arbitrary: value.map((one) => bytes(JSON.stringify(one).replace(/\d+/, "1e400"))) },
    {
      weight: 1,
      arbitrary: value.map((one) => bytes(JSON.stringify(one).replace(/"[^"]*":[^,{}[\]]*,/, "$&$&"))),
    },
    {
      weight: 1,
      arbitrary: fc
        .tuple(value, fc.nat(200))
        .map(([one, place]) => bytes(JSON.stringify(one)).with(0, place)),
    },
    { weight: 1, arbitrary: value.map((one) => bytes(`\ufeff${JSON.stringify(one)}`)) },
    { weight: 1, arbitrary: fc.constant(new Uint8Array()) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 40 }) },
  );

const empty = fc.constant(new Uint8Array());
const write = fc
  .constantFrom(...WRITE_VERBS)
  .chain((verb) =>
    fc.tuple(
      fc.constant<string>(verb),
      fc.oneof({ weight: 8, arbitrary: spoiltJson(mutated(BODIES[verb])) }, empty),
    ),
  );
const questionOf = (verb: string): fc.Arbitrary<unknown> => (verb === "verify" ? verifyBody : previewBody);
const read = fc
  .constantFrom(...READ_VERBS, "preview" as const)
  .chain((verb) =>
    fc.tuple(fc.constant<string>(verb), verb === "get" ? empty : spoiltJson(mutated(questionOf(verb)))),
  );
const stray = fc.tuple(oddText, spoiltJson(oddJson));

const subjectOf = fc
  .tuple(tenant, scheduleId, fc.oneof({ weight: 40, arbitrary: fc.constant(null) }, oddText))
  .map(([one, other, more]) => ({ tenant: one, scheduleId: other, more }));

const replies = fc.oneof({ weight: 8, arbitrary: fc.constantFrom("_INBOX.x.y", undefined) }, oddText);

/** Tokens are joined as they are: what a client could not even send is left in, since nothing may lean on that. */
const wire = (family: Wire["family"], asked: fc.Arbitrary<[string, Uint8Array]>): fc.Arbitrary<Wire> =>
  fc.tuple(asked, subjectOf, headers, replies).map(([[verb, body], place, lines, reply]) => ({
    family,
    subject: [
      family,
      "scheduler",
      place.tenant,
      verb,
      place.scheduleId,
      ...(place.more === null ? [] : [place.more]),
    ].join("."),
    headers: lines,
    body,
    reply,
  }));

/** A schedule to begin with: nothing is wrong but, now and then, what the definition says. */
export const creation: fc.Arbitrary<Wire> = fc
  .tuple(definition, fc.option(mutated(definition), { freq: 4 }))
  .map(([plain, spoilt]) => ({
    family: "cmd",
    subject: "cmd.scheduler.acme.create.daily",
    headers: bytes("NATS/1.0\r\n\r\n"),
    body: bytes(JSON.stringify(spoilt ?? plain)),
    reply: undefined,
  }));

export const message: fc.Arbitrary<Wire> = fc.oneof(
  { weight: 2, arbitrary: creation },
  { weight: 6, arbitrary: wire("cmd", write) },
  { weight: 1, arbitrary: wire("cmd", stray) },
  { weight: 3, arbitrary: wire("rpc", write) },
  { weight: 3, arbitrary: wire("rpc", read) },
  { weight: 1, arbitrary: wire("rpc", stray) },
);
