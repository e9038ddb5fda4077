/** Environments: every variable there is, with values that it takes, and with others. No secret may be shown. */

import { CONFIG_VARIABLES } from "@carillon/contracts";
import fc from "fast-check";
import { loadConfig } from "../../services/scheduler/src/config.ts";
import type { Verdict } from "./house.ts";
import type { Kind } from "./kind.ts";
import { demand } from "./laws.ts";
import { oddText } from "./odd.ts";

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
export const environments: Kind<Readonly<Record<string, string>>> = {
  name: "environments",
  arbitrary: fc.dictionary(
    fc.constantFrom(...NAMES, "OTEL_EXPORTER_OTLP_ENDPOINT", "POSTGRES_URL", "__proto__"),
    fc.oneof(fc.constantFrom(...SAMPLES), oddText),
    { maxKeys: 4 },
  ),
  parts: (given) => [() => judgeEnvironment(given)],
};

function judgeEnvironment(given: Readonly<Record<string, string>>): Verdict {
  const named = (given["NATS_URL"] ?? "").includes("@");
  const env = named ? given : { NATS_USER: "ada", ...given, NATS_PASSWORD: PASSWORD };
  const loaded = loadConfig(env);
  const words = JSON.stringify(loaded.ok ? [loaded.printable, loaded.warnings] : loaded.faults);
  // Where it is asked for as something else, it is no secret.
  const open = NAMES.some((name) => !name.endsWith("_URL") && (given[name] ?? "").includes(PASSWORD));
  demand(open || !words.includes(PASSWORD), `a secret is shown: ${words}`);
  if (loaded.ok) return "accepted";
  demand(
    loaded.faults.length > 0 &&
      loaded.faults.every((fault) => /^(?:the user part of )?[A-Z_]+[ ,:]/.test(fault)),
    `a fault that names no variable: ${words}`,
  );
  return "refused";
}
