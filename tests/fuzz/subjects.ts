/** Subjects, patterns and tenants files: the grammar of targets against a second one, the oracle. */

import * as grammar from "@carillon/contracts";
import fc from "fast-check";
import { checkSubject } from "../../services/scheduler/src/domain/target.ts";
import { compileTenants } from "../../services/scheduler/src/domain/tenants.ts";
import { subject } from "./definitions.ts";
import { ENTRIES, tenants, type Verdict } from "./house.ts";
import type { Kind } from "./kind.ts";
import { demand } from "./laws.ts";
import { spoiltJson } from "./messages.ts";
import { mutated, oddNumber, oddText } from "./odd.ts";
import * as oracle from "./oracle.ts";

const token = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom("cmd", "scheduler", "acme", "a", "b", "*", ">", "orders", "trigger", "other"),
  },
  oddText,
);
const tokens = fc.array(token, { maxLength: 6 }).map((parts) => parts.join("."));
const HEADS = [
  "cmd.scheduler.acme",
  "cmd.scheduler.beta",
  "cmd.scheduler",
  "evt.scheduler",
  "rpt.scheduler",
  "dead.scheduler",
  "rpc",
  "scheduler",
  "evt.other",
  "$JS",
  "_R_",
  "cmd.notification",
  "orders",
  "a",
];
const headed = fc
  .tuple(
    fc.constantFrom(...HEADS),
    fc.array(fc.constantFrom("a", "c", "acme", "trigger", "other"), { maxLength: 3 }),
  )
  .map(([head, rest]) => [head, ...rest].join("."));
const anySubject = fc.oneof(subject, headed, headed, tokens, oddText, fc.constantFrom(...ENTRIES));

/** The grammar of subjects and targets, against a second one. */
export const targets: Kind<readonly [string, string, string]> = {
  name: "targets",
  arbitrary: fc.tuple(
    anySubject,
    fc.oneof(tokens, fc.constantFrom(...ENTRIES)),
    fc.constantFrom("acme", "beta", "a"),
  ),
  parts: (input) => [() => judgeTarget(input)],
};

function judgeTarget([text, pattern, tenant]: readonly [string, string, string]): Verdict {
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
  return code ?? "allowed";
}

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
export const files: Kind<readonly [Uint8Array, string]> = {
  name: "tenants files",
  arbitrary: fc.tuple(spoiltJson(mutated(tenantsFile)), anySubject),
  parts: (input) => [() => judgeFile(input)],
};

function judgeFile([bytes, text]: readonly [Uint8Array, string]): Verdict {
  const parsed = grammar.parseJson(bytes);
  if (!parsed.ok) return "no JSON";
  if (!grammar.isTenantsFile(parsed.value)) {
    demand(grammar.validate.tenants(parsed.value).length > 0, "no tenants file, and no fault");
    return "no tenants file";
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
    return "entry refused";
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
  return "accepted";
}
