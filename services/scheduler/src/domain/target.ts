/**
 * May this tenant's schedule publish there, with these headers and this payload? Asked when a definition is accepted, and again
 * whenever it fires, since the tenants file may have changed in between. Subjects are compared token by token; the scheduler's own
 * and the server's own are never allowed, whatever the file says, so that a schedule cannot command another tenant or the server.
 */

import {
  type ErrorCode,
  type Fault,
  isLiteralSubject,
  matchesSubject,
  SUBJECT_CHARACTERS_MAX,
} from "@carillon/contracts";
import type { Allowance } from "./allowance.ts";
import { faultAt, shown, type TargetFault } from "./target-fault.ts";
import { checkHeaders } from "./target-headers.ts";
import type { Tenant, Tenants } from "./tenants.ts";

export type { TargetFault } from "./target-fault.ts";

export interface Destination {
  readonly subject: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Whether `tenant` may send `payload` (undefined: an empty body) to `target`; null: it may. */
export function checkTarget(
  tenants: Tenants,
  tenant: string,
  target: Destination,
  payload: unknown,
): TargetFault | null {
  const found = findAllowance(tenants, tenant, target.subject);
  if (!found.ok) return found.fault;
  return checkHeaders(target.headers ?? {}) ?? checkPayload(found.tenant, found.allowance, payload);
}

/** The part that the tenants file can change: may `tenant` publish to `subject`? Cheap enough for every fire. */
export function checkSubject(tenants: Tenants, tenant: string, subject: string): TargetFault | null {
  const found = findAllowance(tenants, tenant, subject);
  return found.ok ? null : found.fault;
}

type Found =
  | { readonly ok: true; readonly tenant: Tenant; readonly allowance: Allowance }
  | { readonly ok: false; readonly fault: TargetFault };

/** What rules say of a tenant and a subject, by the rules; at the limit all answers are forgotten. Asked for every fire. */
const answers = new WeakMap<Tenants, Map<string, Found>>();
const ANSWERS_MAX = 10_000;

function findAllowance(tenants: Tenants, name: string, subject: string): Found {
  const known = answers.get(tenants) ?? new Map<string, Found>();
  const question = `${name} ${subject}`;
  const answer = known.get(question);
  if (answer !== undefined) return answer;
  const found = seekAllowance(tenants, name, subject);
  if (known.size >= ANSWERS_MAX) known.clear();
  answers.set(tenants, known.set(question, found));
  return found;
}

function seekAllowance(tenants: Tenants, name: string, subject: string): Found {
  const tenant = tenants.get(name);
  if (tenant === undefined) return refuse("tenant_unknown", "", unknownTenant(name));
  if (!isLiteralSubject(subject)) return refuse("target_invalid", SUBJECT, malformed(subject));
  if (isReserved(tenants, name, subject)) return refuse("target_reserved", SUBJECT, reserved(subject));
  const allowance = tenant.allowance(subject);
  const named = allowance !== null && (allowance.literal || !isCommand(tenants, subject));
  return named
    ? { ok: true, tenant, allowance }
    : refuse("target_not_allowed", SUBJECT, notAllowed(tenants, name, subject));
}

const SUBJECT = "/target/subject";

const refuse = (code: ErrorCode, path: string, message: string): Found => ({
  ok: false,
  fault: faultAt(code, path, message),
});

const isCommand = ({ installation }: Tenants, subject: string): boolean =>
  matchesSubject(installation.allCommands, subject);

/** The server's own, the scheduler's own, and commands to the scheduler in the name of another tenant. */
function isReserved(tenants: Tenants, tenant: string, subject: string): boolean {
  if (subject.startsWith("$") || subject.startsWith("_")) return true;
  if (isCommand(tenants, subject)) return tenants.installation.command.parse(subject)?.tenant !== tenant;
  return tenants.installation.reservedTargets.some((pattern) => matchesSubject(pattern, subject));
}

const unknownTenant = (name: string): string =>
  `tenant ${JSON.stringify(name)} is not in the tenants file; add to tenants: ${JSON.stringify(name)}: { "targets": [] }`;

const malformed = (subject: string): string =>
  `target.subject: ${shown(subject)}; expected a literal subject of at most ${SUBJECT_CHARACTERS_MAX} printable ASCII characters, without wildcards, spaces or empty tokens`;

const reserved = (subject: string): string =>
  `target.subject: ${shown(subject)} is reserved; expected a subject of the service that is meant to act`;

function notAllowed({ fromFile }: Tenants, tenant: string, subject: string): string {
  const where = fromFile ? "" : "SCHEDULER_TENANTS_FILE is not set; ";
  const line = `{ "subject": ${JSON.stringify(subject)} }`;
  return `target.subject: ${shown(subject)} is not allowed; ${where}add to tenants.${tenant}.targets: ${line}`;
}

const PAYLOAD = "/payload";

function checkPayload(tenant: Tenant, { checks }: Allowance, payload: unknown): TargetFault | null {
  const bytes = payload === undefined ? 0 : new TextEncoder().encode(JSON.stringify(payload)).length;
  if (bytes > tenant.maxPayloadBytes) {
    const message = `payload: ${bytes} bytes of JSON; expected at most ${tenant.maxPayloadBytes}`;
    return faultAt("payload_too_large", PAYLOAD, message);
  }
  if (checks.length === 0) return null;
  const faults = payload === undefined ? [MISSING] : checks.flatMap((check) => check(payload)).map(inPayload);
  const [first] = faults;
  return first === undefined ? null : { code: "payload_invalid", ...first, details: faults };
}

const MISSING: Fault = { path: PAYLOAD, message: "payload: missing; its target has a payload schema" };

/** Of the whole payload a validator says "the body". */
const inPayload = ({ path, message }: Fault): Fault => ({
  path: `${PAYLOAD}${path}`,
  message: message.startsWith("/") ? `payload${message}` : `payload: ${message.replace(/^the body: /, "")}`,
});
