import { describe, expect, it } from "vitest";
import { natsAccess } from "./config-nats.ts";

const accessOf = (settings: Record<string, string>) => natsAccess(settings);

describe("natsAccess", () => {
  it.each([
    ["host", ["host:4222"]],
    ["host:5000, nats://other", ["host:5000", "other:4222"]],
    ["nats://[::1]:4333/", ["[::1]:4333"]],
  ])("reads the servers of %s", (url, servers) => {
    expect(accessOf({ NATS_URL: url })).toMatchObject({ access: { servers, tls: null }, faults: [] });
  });

  it.each(["http://h", "nats://", "a,,b", "nats://h:99999", "nats://h/path", "ws://h"])(
    "refuses %s",
    (url) => {
      expect(accessOf({ NATS_URL: url }).faults).toEqual([
        expect.stringContaining("expected nats://host:port"),
      ]);
    },
  );

  it("turns TLS on for tls:// and for any TLS file", () => {
    expect(accessOf({ NATS_URL: "tls://h" }).access.tls).toEqual({
      caFile: null,
      certFile: null,
      keyFile: null,
    });
    expect(accessOf({ NATS_URL: "h", NATS_TLS_CA_FILE: "/ca" }).access.tls).toMatchObject({ caFile: "/ca" });
  });

  it("takes a user with a password, or a token, from the address", () => {
    expect(accessOf({ NATS_URL: "nats://a%40b:p%3Aw@h" }).access).toMatchObject({
      user: "a@b",
      password: "p:w",
      token: null,
    });
    expect(accessOf({ NATS_URL: "nats://t0ken@h" }).access).toMatchObject({ user: null, token: "t0ken" });
  });

  it("refuses two identities", () => {
    expect(accessOf({ NATS_URL: "nats://a:x@h,nats://b:x@i" }).faults).toEqual([
      expect.stringContaining("expected one user for all servers"),
    ]);
    expect(accessOf({ NATS_URL: "nats://a:x@h", NATS_CREDS_FILE: "/c" }).faults).toEqual([
      "the user part of NATS_URL, NATS_CREDS_FILE: set together; expected one of them",
    ]);
  });

  it("refuses half of a pair", () => {
    expect(accessOf({ NATS_URL: "h", NATS_PASSWORD: "x" }).faults).toEqual([
      "NATS_PASSWORD: set; expected NATS_USER beside it",
    ]);
    expect(accessOf({ NATS_URL: "h", NATS_TLS_KEY_FILE: "/k" }).faults).toHaveLength(1);
  });
});
