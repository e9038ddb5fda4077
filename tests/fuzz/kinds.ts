/** The kinds of input that are made up: each with its generator, and with what takes one in and says what became of it. */

import * as grammar from "@carillon/contracts";
import { CONFIG_VARIABLES, isTenantsFile, parseJson, validate } from "@carillon/contracts";
import fc from "fast-check";
import { parseHeaders } from "../../services/scheduler/src/adapters/nats/heard-headers.ts";
import { loadConfig } from "../../services/scheduler/src/config.ts";
import { checkSubject } from "../../services/scheduler/src/domain/target.ts";
import { compileTenants } from "../../services/scheduler/src/domain/tenants.ts";
import { subject } from "./definitions.ts";
import { ENTRIES, openHouse, tenants, type Verdict } from "./house.ts";
import { demand } from "./laws.ts";
import { creation, message, spoiltJson, type Wire } from "./messages.ts";
import { mutated, oddNumber, oddText } from "./odd.ts";
import * as oracle from "./oracle.ts";
import { judgeRecord, type RecordInput, recordInput } from "./records.ts";

export interface Kind<Input> {
  readonly name: string;
  readonly arbitrary: fc.Arbitrary<Input>;
  /** What became of each part of it; throws where a law is broken. */
  judge(input: Input): Promise<readonly Verdict[]>;
}

/** A few messages about the same schedules, one after the other. */
const commands: Kind<readonly Wire[]> = {
  name: "commands",
  arbitrary: fc.oneof(
    { weight: 1, arbitrary: fc.array(message, { minLength: 1, maxLength: 5 }) },
    {
      weight: 3,
      arbitrary: fc
        .tuple(creation, fc.array(message, { maxLength: 5 }))
        .map(([first, then]) => [first, ...then]),
    },
  ),
  judge: async (wires) => {
    const house = openHouse();
    const verdicts: Verdict[] = [];
    for (const wire of wires) verdicts.push(await house.take(wire));
    return verdicts;
  },
};

const headers: Kind<Uint8Array> = {
  name: "headers",
  arbitrary: fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc.array(oddText).map((lines) => new TextEncoder().encode(`NATS/1.0\r\n${lines.join("\r\n")}`)),
  ),
  judge: async (bytes) => {
    const heard = parseHeaders(bytes);
    for (const name of ["Nats-Msg-Id", "__proto__", ""]) {
      const value = heard.get(name);
      demand(value === null || !value.includes("\r\n"), `a header of two lines: ${JSON.stringify(value)}`);
    }
    demand(Number.isInteger(heard.code), `status ${heard.code}`);
    return ["read"];
  },
};

const token = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom("cmd", "scheduler", "acme", "a", "b", "*", ">", "orders", "trigger", "other"),
  },
  oddText,
);
const tokens = fc.array(token, { maxLength: 6 }).map((parts) => parts.join("."));
const anySubject = fc.oneof(subject, tokens, oddText, fc.constantFrom(...ENTRIES));

/** The grammar of subjects and targets, against a second one. */
const targets: Kind<readonly [string, string, string]> = {
  name: "targets",
  arbitrary: fc.tuple(
    anySubject,
    fc.oneof(tokens, fc.constantFrom(...ENTRIES)),
    fc.constantFrom("acme", "beta", "a"),
  ),
  judge: async ([text, pattern, tenant]) => {
    const agree = (rule: string, ours: unknown, theirs: unknown) =>
      demand(
        ours === theirs,
        `${rule} of ${JSON.stringify([text, pattern, tenant])}: ${ours}, by the contract ${theirs}`,
      );
    agree("isName", grammar.isName(text), oracle.isName(text));
    agree("isCommandId", grammar.isCommandId(tenant, text), oracle.isCommandId(tenant, text));
    agree("isReplySubject", grammar.isReplySubject(text), oracle.isReply(text));
    agree("isLiteralSubject", grammar.isLiteralSubject(text), oracle.isLiteral(text));
    agree("isSubjectPattern", grammar.isSubjectPattern(pattern), oracle.isPattern(pattern));
    if (oracle.isPattern(pattern))
      agree("matchesSubject", grammar.matchesSubject(pattern, text), oracle.matches(pattern, text));
    const code = checkSubject(tenants, "acme", text)?.code ?? null;
    agree("checkSubject", code, oracle.targetCode("acme", ENTRIES, text));
    return [code ?? "allowed"];
  },
};

const entry = fc.record(
  {
    subject: fc.oneof(tokens, fc.constantFrom(...ENTRIES)),
    capture: fc.boolean(),
    payloadSchema: fc.constantFrom("./a.json", "../../etc/passwd"),
  },
  { requiredKeys: ["subject"] },
);
const settings = fc.record(
  {
    targets: fc.array(entry, { maxLength: 5 }),
    maxSchedules: oddNumber,
    maxPayloadBytes: fc.constantFrom(0, 65_536, 1e9),
    maxCommandsPerSecond: oddNumber,
  },
  { requiredKeys: ["targets"] },
);
const tenantsFile = fc
  .array(
    fc.tuple(
      fc.constantFrom("default", "acme", "__proto__", "a b"),
      fc.oneof(settings, fc.record({ targets: fc.array(entry, { maxLength: 5 }) })),
    ),
    { maxLength: 3 },
  )
  .map((all) => ({ tenants: Object.fromEntries(all) }));

/** The tenants file, and what it then allows. */
const files: Kind<readonly [Uint8Array, string]> = {
  name: "tenants files",
  arbitrary: fc.tuple(spoiltJson(mutated(tenantsFile)), anySubject),
  judge: async ([bytes, text]) => {
    const parsed = parseJson(bytes);
    if (!parsed.ok) return ["no JSON"];
    if (!isTenantsFile(parsed.value)) {
      demand(validate.tenants(parsed.value).length > 0, "no tenants file, and no fault");
      return ["no tenants file"];
    }
    const compiled = compileTenants({
      file: parsed.value,
      payloadChecks: new Map(),
      maxSchedulesPerCreator: 1,
      installation: grammar.names(),
    });
    if (!compiled.ok) {
      demand(
        compiled.faults.every((fault) => fault !== ""),
        "a fault without words",
      );
      return ["entry refused"];
    }
    for (const [name, { targets: entries }] of Object.entries(parsed.value.tenants)) {
      const code = checkSubject(compiled.tenants, name, text)?.code ?? null;
      const expected = oracle.targetCode(
        name,
        entries.map((one) => one.subject),
        text,
      );
      demand(code === expected, `${JSON.stringify(text)} to ${name}: ${code}, by the contract ${expected}`);
    }
    return ["accepted"];
  },
};

const NAMES = CONFIG_VARIABLES.map(({ name }) => name);
const PASSWORD = "s3cret-canary";
const SAMPLES = [
  "1",
  "32",
  "0",
  "-1",
  "1e3",
  "99999999999999999999",
  "nats",
  "redis",
  "info",
  "UTC",
  `nats://u:${PASSWORD}@h`,
  "tls://h:1",
  "nats://h,nats://i",
  "%zz",
  "nats://a%00b@h",
];
const environments: Kind<Readonly<Record<string, string>>> = {
  name: "environments",
  arbitrary: fc.dictionary(
    fc.constantFrom(...NAMES, "OTEL_EXPORTER_OTLP_ENDPOINT", "POSTGRES_URL", "__proto__"),
    fc.oneof(fc.constantFrom(...SAMPLES), oddText),
    { maxKeys: 4 },
  ),
  judge: async (given) => {
    const env = { NATS_USER: "ada", ...given, NATS_PASSWORD: PASSWORD };
    const loaded = loadConfig(env);
    const words = JSON.stringify(loaded.ok ? [loaded.printable, loaded.warnings] : loaded.faults);
    // Where it is asked for as something else, it is no secret.
    const open = NAMES.some((name) => !name.endsWith("_URL") && (given[name] ?? "").includes(PASSWORD));
    demand(open || !words.includes(PASSWORD), `a secret is shown: ${words}`);
    if (loaded.ok) return ["accepted"];
    demand(
      loaded.faults.length > 0 &&
        loaded.faults.every((fault) => /^(?:the user part of )?[A-Z_]+[ ,:]/.test(fault)),
      `a fault that names no variable: ${words}`,
    );
    return ["refused"];
  },
};

const records: Kind<RecordInput> = { name: "records", arbitrary: recordInput, judge: judgeRecord };

export interface Run {
  readonly count: number;
  readonly seed: number;
  /** Longest that one input may take; absent: it is not looked at, since a busy machine makes every figure wrong. */
  readonly workMsMax?: number;
  /** Hears what became of an input, and how long that took. */
  done(verdicts: readonly Verdict[], tookMs: number): void;
}

/** A kind whose inputs only it can read. */
export interface AnyKind {
  readonly name: string;
  /** Null: every law held; else the smallest input that broke one, and how. */
  run(how: Run): Promise<string | null>;
}

/** Times that an input is taken in before it counts as slow: other processes only ever add. */
const TRIES_MAX = 5;

const runnable = <Input>({ name, arbitrary, judge }: Kind<Input>): AnyKind => ({
  name,
  run: async ({ count, seed, workMsMax = Number.POSITIVE_INFINITY, done }) => {
    const property = fc.asyncProperty(arbitrary, async (input) => {
      let [verdicts, tookMs] = await timed(() => judge(input));
      for (let tries = 1; tookMs > workMsMax && tries < TRIES_MAX; tries++) {
        [verdicts, tookMs] = await timed(() => judge(input));
      }
      demand(tookMs <= workMsMax, `it took ${tookMs} ms; expected at most ${workMsMax}`);
      done(verdicts, tookMs);
    });
    const details = await fc.check(property, { numRuns: count, seed });
    return details.failed ? told(name, details) : null;
  },
});

async function timed<Answer>(work: () => Promise<Answer>): Promise<[Answer, number]> {
  const began = performance.now();
  const answer = await work();
  return [answer, performance.now() - began];
}

type Failure = Record<"seed" | "counterexamplePath" | "counterexample" | "errorInstance", unknown>;

/** Bytes as the text that they mostly are. */
function told(name: string, failure: Failure): string {
  const { seed, counterexamplePath, counterexample, errorInstance } = failure;
  const text = (_: string, value: unknown) =>
    value instanceof Uint8Array ? Buffer.from(value).toString("latin1") : value;
  const error = errorInstance instanceof Error ? errorInstance.stack : String(errorInstance);
  return `${name}, seed ${seed}, path ${counterexamplePath}: ${JSON.stringify(counterexample, text, 1)}\n${error}`;
}

export const KINDS: readonly AnyKind[] = [
  runnable(commands),
  runnable(headers),
  runnable(targets),
  runnable(files),
  runnable(environments),
  runnable(records),
];
