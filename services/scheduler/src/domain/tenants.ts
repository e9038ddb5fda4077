/**
 * The tenants that may schedule, and what each may do: the tenants file with its defaults filled in, its patterns checked and made
 * ready to be asked on every fire. A value: a file that is read again makes a new one. Knows nothing of files or streams; the
 * schemas of payloads come as compiled checks.
 */

import {
  canonical,
  containsPattern,
  DEFAULT_TENANT,
  fnv1a32,
  isSubjectPattern,
  type Names,
  overlaps,
  type TenantSettings,
  type TenantsFile,
} from "@carillon/contracts";
import { type Allowance, allowanceOf, type CheckPayload } from "./allowance.ts";

export interface Tenant {
  readonly name: string;
  /** Schedules that are not completed. */
  readonly maxSchedules: number;
  readonly maxSchedulesPerCreator: number;
  /** Bytes of a payload's JSON. */
  readonly maxPayloadBytes: number;
  /** Null: no limit. */
  readonly maxCommandsPerSecond: number | null;
  readonly maxCommandsPerSecondPerCreator: number | null;
  /** What the file says of a literal subject; null: no entry allows it. */
  allowance(subject: string): Allowance | null;
}

export interface Tenants {
  /** Undefined: an unknown tenant. */
  get(name: string): Tenant | undefined;
  readonly names: readonly string[];
  /** Captured patterns of all tenants, without those that another one contains. */
  readonly captured: readonly string[];
  /** False: there is no file, so no target is allowed. */
  readonly fromFile: boolean;
  /** Of the file's content: files of the same mark are the same. Empty: there is no file. */
  readonly mark: string;
  readonly installation: Names;
}

export interface TenantsInput {
  readonly file: TenantsFile;
  /** Compiled payload schemas by the path that the file gives. */
  readonly payloadChecks: ReadonlyMap<string, CheckPayload>;
  /** For tenants that set none. */
  readonly maxSchedulesPerCreator: number;
  readonly installation: Names;
}

export type Compiled =
  | { readonly ok: true; readonly tenants: Tenants; readonly warnings: readonly string[] }
  | { readonly ok: false; readonly faults: readonly string[] };

/** What a tenant may do where its settings say nothing; the same as in schemas/tenants.schema.json. */
export const TENANT_DEFAULTS = { maxSchedules: 100_000, maxPayloadBytes: 65_536 } as const;

/** Tenants of a file that fits its schema; faults and warnings name the entry, a line each. */
export function compileTenants(input: TenantsInput): Compiled {
  const entries = entriesOf(input.file);
  const faults = entries.flatMap((entry) => entryFaults(entry, input.installation));
  const captured = reduced(entries.filter(({ capture }) => capture).map(({ subject }) => subject));
  faults.push(...overlapFaults(captured));
  if (faults.length > 0) return { ok: false, faults };
  const tenants = new Map(
    Object.entries(input.file.tenants).map(([name, settings]) => [name, tenantOf(name, settings, input)]),
  );
  return {
    ok: true,
    tenants: frozen(tenants, captured, { mark: markOf(input.file), installation: input.installation }),
    warnings: entries.flatMap((entry) => entryWarnings(entry, input.installation)),
  };
}

/** Where no file is named: the tenant `default` is known, and may publish to nothing. */
export function tenantsWithoutFile(
  input: Pick<TenantsInput, "maxSchedulesPerCreator" | "installation">,
): Tenants {
  const file = { tenants: {} };
  const tenant = tenantOf(DEFAULT_TENANT, { targets: [] }, { ...input, file, payloadChecks: new Map() });
  return frozen(new Map([[DEFAULT_TENANT, tenant]]), [], { mark: "", installation: input.installation });
}

function frozen(
  tenants: ReadonlyMap<string, Tenant>,
  captured: readonly string[],
  { mark, installation }: Pick<Tenants, "mark" | "installation">,
): Tenants {
  return Object.freeze({
    get: (name: string) => tenants.get(name),
    names: Object.freeze([...tenants.keys()]),
    captured: Object.freeze([...captured]),
    fromFile: mark !== "",
    mark,
    installation,
  });
}

/** Eight hexadecimal digits. */
const markOf = (file: TenantsFile): string => fnv1a32(canonical(file)).toString(16).padStart(8, "0");

function tenantOf(name: string, settings: TenantSettings, input: TenantsInput): Tenant {
  const rules = settings.targets.map(({ subject, payloadSchema }) => ({
    subject,
    checkPayload: payloadSchema === undefined ? null : (input.payloadChecks.get(payloadSchema) ?? null),
  }));
  return Object.freeze({
    name,
    maxSchedules: settings.maxSchedules ?? TENANT_DEFAULTS.maxSchedules,
    maxSchedulesPerCreator: settings.maxSchedulesPerCreator ?? input.maxSchedulesPerCreator,
    maxPayloadBytes: settings.maxPayloadBytes ?? TENANT_DEFAULTS.maxPayloadBytes,
    maxCommandsPerSecond: settings.maxCommandsPerSecond ?? null,
    maxCommandsPerSecondPerCreator: settings.maxCommandsPerSecondPerCreator ?? null,
    allowance: (subject: string) => allowanceOf(rules, subject),
  });
}

interface Entry {
  /** As people find it: `tenants.acme.targets[2] "cmd.>"`. */
  readonly place: string;
  readonly subject: string;
  readonly capture: boolean;
}

function entriesOf({ tenants }: TenantsFile): Entry[] {
  return Object.entries(tenants).flatMap(([name, { targets }]) =>
    targets.map(({ subject, capture }, index) => ({
      place: `tenants.${name}.targets[${index}] ${JSON.stringify(subject)}`,
      subject,
      capture: capture ?? false,
    })),
  );
}

function entryFaults({ place, subject, capture }: Entry, installation: Names): string[] {
  if (!isSubjectPattern(subject)) {
    return [
      `${place}: expected tokens of printable ASCII joined by dots, "*" for one token, ">" for the rest`,
    ];
  }
  if (!capture) return [];
  if (/^[*>$_]/.test(subject))
    return [`${place}: captured, but its first token is no name; expected one such as cmd`];
  const own = [installation.allCommands, ...installation.reservedTargets].find((mine) =>
    overlaps(mine, subject),
  );
  return own === undefined
    ? []
    : [`${place}: captured, but overlaps the scheduler's own ${own}; name narrower subjects`];
}

function entryWarnings({ place, subject }: Entry, { reservedTargets }: Names): string[] {
  const reserved = /^[$_]/.test(subject) || reservedTargets.some((own) => containsPattern(own, subject));
  return reserved ? [`${place}: allows nothing, since these subjects are reserved`] : [];
}

/** Those that no other one contains, in the order of the file. */
function reduced(patterns: readonly string[]): string[] {
  const distinct = [...new Set(patterns)];
  return distinct.filter((one) => !distinct.some((other) => other !== one && containsPattern(other, one)));
}

/** A stream refuses subjects that overlap. Quadratic in the patterns left, a few hundred at most in practice. */
function overlapFaults(captured: readonly string[]): string[] {
  return captured.flatMap((one, index) =>
    captured
      .slice(index + 1)
      .filter((other) => overlaps(one, other))
      .map(
        (other) =>
          `captured ${JSON.stringify(one)} and ${JSON.stringify(other)} overlap; expected one to contain the other`,
      ),
  );
}
