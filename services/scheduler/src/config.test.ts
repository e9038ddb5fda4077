import { CONFIG_VARIABLES } from "@carillon/contracts";
import { describe, expect, it } from "vitest";
import { loadConfig } from "./config.ts";

const faultsOf = (env: Record<string, string>): readonly string[] => {
  const loaded = loadConfig(env);
  return loaded.ok ? [] : loaded.faults;
};

const configOf = (env: Record<string, string>) => {
  const loaded = loadConfig(env);
  if (!loaded.ok) throw new Error(loaded.faults.join("\n"));
  return loaded;
};

describe("loadConfig", () => {
  it("needs nothing: every variable has a default or may be unset", () => {
    const { config, warnings } = configOf({});
    expect(warnings).toEqual([]);
    expect(config).toMatchObject({
      nats: { servers: ["127.0.0.1:4222"], user: null, tls: null },
      leases: { backend: "nats" },
      lockTimeoutMs: 5_000,
      partitions: 32,
      apiPort: 8008,
      retryMaxAttempts: 4,
      executionRetentionMs: 30 * 86_400_000,
      eventsMaxBytes: null,
      serviceVersion: "0.1.0",
      tzdata: expect.stringMatching(/^\d{4}[a-z]$/),
    });
    expect(Object.isFrozen(config)).toBe(true);
  });

  it("takes an empty value for unset", () => {
    expect(configOf({ API_PORT: "", NATS_USER: " " }).config).toMatchObject({
      apiPort: 8008,
      nats: { user: null },
    });
  });

  it("names every fault at once, with value and expectation", () => {
    expect(
      faultsOf({
        SCHEDULER_PARTITIONS: "1.5",
        LOG_LEVEL: "loud",
        API_PORT: "eighty",
        JETSTREAM_REPLICAS: "0x3",
      }),
    ).toEqual([
      'JETSTREAM_REPLICAS: "0x3"; expected a whole number from 1 to 5',
      "SCHEDULER_PARTITIONS: 1.5; expected a whole number from 1 to 1024",
      'API_PORT: "eighty"; expected a whole number from 0 to 65535',
      'LOG_LEVEL: "loud"; expected one of trace, debug, info, warn, error, fatal, silent',
    ]);
  });

  it.each(["1.9", "61", "-5", "1e9"])("refuses a lease of %s seconds", (seconds) => {
    expect(faultsOf({ LOCK_TIMEOUT_SECONDS: seconds })).toEqual([
      expect.stringMatching(/^LOCK_TIMEOUT_SECONDS: .*; expected a number from 2 to 60$/),
    ]);
  });

  it("names what a pattern expects", () => {
    expect(faultsOf({ SERVICE_NAME: "a b", SCHEDULER_COMMANDS_FROM: "x.y", SERVICE_VERSION: "new" })).toEqual(
      [
        'SCHEDULER_COMMANDS_FROM: "x.y"; expected a stream name',
        'SERVICE_NAME: "a b"; expected 1 to 64 of A-Z a-z 0-9 _ -',
        'SERVICE_VERSION: "new"; expected a semantic version such as 1.2.3',
      ],
    );
  });

  it.each(["Mars/Olympus", "+02:00", "Europe"])("refuses %s as a time zone", (zone) => {
    expect(faultsOf({ SCHEDULER_TIMEZONE: zone })).toEqual([
      `SCHEDULER_TIMEZONE: "${zone}"; expected an IANA time zone such as Europe/Vienna`,
    ]);
  });

  it("refuses files that cannot be read before anything connects", () => {
    expect(faultsOf({ NATS_CREDS_FILE: "/nowhere/a.creds" })).toEqual([
      'NATS_CREDS_FILE: "/nowhere/a.creds"; expected a file that can be read',
    ]);
  });

  it("says what replaced the variables of earlier systems, and starts", () => {
    expect(configOf({ POSTGRES_URL: "postgres://u:p@h/db", JWKS_URL: "x" }).warnings).toEqual([
      "POSTGRES_URL has no meaning here: everything is kept in JetStream (NATS_URL); there is no database",
      expect.stringMatching(/^JWKS_URL has no meaning here: NATS permissions/),
    ]);
  });

  it("warns of more whole schedules than the leases bear, whose collection stops a worker", () => {
    const warningsOf = (most: string, seconds: string) =>
      configOf({ SCHEDULER_WARM_MAX: most, LOCK_TIMEOUT_SECONDS: seconds }).warnings;
    expect(warningsOf("500001", "5")).toEqual([
      expect.stringMatching(/^SCHEDULER_WARM_MAX: 500001 .*LOCK_TIMEOUT_SECONDS at most 500000 are safe$/),
    ]);
    expect([...warningsOf("500000", "5"), ...warningsOf("1000000", "10")]).toEqual([]);
  });

  it("says that no traces are sent where an endpoint for them is set", () => {
    expect(configOf({ OTEL_EXPORTER_OTLP_ENDPOINT: "http://x" }).warnings).toEqual([
      "OTEL_EXPORTER_OTLP_ENDPOINT is not used: this version sends no traces",
    ]);
  });
});

describe("secrets", () => {
  it("are masked in the printable form and in faults", () => {
    const env = {
      NATS_URL: "nats://ann:canary@a:1,nats://ann:canary@b:2",
      REDIS_URL: "redis://:canary/x@r",
      SCHEDULER_LEASES: "nats",
    };
    const { printable, config } = configOf(env);
    expect(JSON.stringify(printable)).not.toContain("canary");
    expect(printable).toMatchObject({
      NATS_URL: "nats://***@a:1,nats://***@b:2",
      REDIS_URL: "redis://***@r",
    });
    expect(config.nats).toMatchObject({ servers: ["a:1", "b:2"], user: "ann", password: "canary" });
    const faults = faultsOf({ NATS_URL: "http://ann:canary@a", NATS_PASSWORD: "canary" });
    expect(faults).toHaveLength(2);
    expect(faults.join()).not.toContain("canary");
  });

  it("are masked whole where a comma in a password should have been encoded", () => {
    expect(faultsOf({ REDIS_URL: "redis://:can,ary@h" }).join()).not.toMatch(/can|ary/);
    expect(faultsOf({ REDIS_URL: "redis://:can,ary@h,redis://k" }).join()).toContain(
      '"redis://***@h,redis://k"',
    );
  });

  it("covers every variable whose name says that it is one", () => {
    const named = CONFIG_VARIABLES.filter(({ name }) => /PASSWORD|SECRET|TOKEN|_URL$/.test(name));
    expect(named.filter(({ secret }) => secret === "none")).toEqual([]);
  });
});
