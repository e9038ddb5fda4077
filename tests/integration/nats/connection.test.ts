import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startNats } from "@carillon/local";
import { createUser } from "@nats-io/nkeys";
import { describe, expect, it } from "vitest";
import {
  type ConnectionSettings,
  connectNats,
} from "../../../services/scheduler/src/adapters/nats/connection.ts";
import { jsApi } from "../../../services/scheduler/src/adapters/nats/js-api.ts";
import { ServerTooOld } from "../../../services/scheduler/src/adapters/nats/server-fitness.ts";
import { systemClock } from "../../../services/scheduler/src/adapters/system-clock.ts";
import { Abandoned } from "../../../services/scheduler/src/app/ports.ts";
import type { Signal } from "../../../services/scheduler/src/app/signals.ts";
import { ownServer, until } from "./workbench.ts";

const clock = systemClock();
const settingsFor = (url: string, more: Partial<ConnectionSettings> = {}): ConnectionSettings => ({
  servers: [url],
  name: "test",
  user: null,
  password: null,
  credsFile: null,
  nkeySeedFile: null,
  token: null,
  tls: null,
  inboxPrefix: "_INBOX_test",
  ...more,
});

describe("connecting", () => {
  it("waits for a server that is not there yet, and says so", async () => {
    const first = await ownServer();
    await first.kill();
    const signals: Signal[] = [];
    const connecting = connectNats({ clock, tell: (signal) => signals.push(signal) }, settingsFor(first.url));
    await until(() => signals.length > 0);
    expect(signals[0]).toMatchObject({ kind: "nats.status", status: "unreachable" });
    await first.restart();
    const link = await connecting;
    expect(link.up()).toBe(true);
    expect(link.serverVersion()).toMatch(/^2\./);
    await link.close();
    expect(link.closed()).toBe(true);
    await first.stop();
  });

  it("stops waiting when it is called off", async () => {
    const closing = new AbortController();
    const connecting = connectNats(
      { clock, tell: () => closing.abort() },
      settingsFor("nats://127.0.0.1:1"),
      closing.signal,
    );
    await expect(connecting).rejects.toBeInstanceOf(Abandoned);
  });

  it("tells of a drop and of the reconnect", async () => {
    const server = await ownServer();
    const signals: Signal[] = [];
    const link = await connectNats(
      { clock, tell: (signal) => signals.push(signal) },
      settingsFor(server.url),
    );
    let [drops, reconnects] = [0, 0];
    link.onDrop(() => drops++);
    const forget = link.onReconnect(() => reconnects++);
    await server.kill();
    await until(() => drops === 1);
    expect(link.up()).toBe(false);
    await server.restart();
    await until(() => reconnects === 1);
    expect(link.up()).toBe(true);
    forget();
    await link.close();
    await server.stop();
  });

  it("takes a seed from a file, and repeats no secret when it is refused", async () => {
    const user = createUser();
    const folder = await mkdtemp(join(tmpdir(), "carillon-test-"));
    const seedFile = join(folder, "user.nk");
    await writeFile(seedFile, `${new TextDecoder().decode(user.getSeed())}\n`);
    const server = await ownServer(`authorization { users: [ { nkey: ${user.getPublicKey()} } ] }`);
    const signals: Signal[] = [];
    const deps = { clock, tell: (signal: Signal) => void signals.push(signal) };
    const link = await connectNats(deps, settingsFor(server.url, { nkeySeedFile: seedFile }));
    expect(link.up()).toBe(true);
    await link.close();

    const closing = new AbortController();
    const wrong = settingsFor(server.url, { user: "ann", password: "s3cret" });
    const delays: number[] = [];
    const hasty: typeof clock = {
      ...clock,
      after: (delayMs, wake) => {
        delays.push(delayMs);
        return clock.after(1, wake);
      },
    };
    const refused = connectNats({ ...deps, clock: hasty }, wrong, closing.signal);
    await until(() => delays.length > 6);
    closing.abort();
    expect(delays.slice(0, 3).map((delayMs) => Math.floor(delayMs / 500))).toEqual([1, 2, 4]);
    expect(Math.max(...delays)).toBeLessThan(5_200);
    expect(signals).toContainEqual(expect.objectContaining({ status: "login_refused" }));
    await expect(refused).rejects.toBeInstanceOf(Abandoned);
    expect(JSON.stringify(signals)).not.toContain("s3cret");
    await server.stop();
    await rm(folder, { recursive: true });
  });
});

describe("an account without JetStream", () => {
  it("is refused by name of what is missing", async () => {
    const server = await startNats({
      ignoreEnvironment: true,
      config: `accounts { PLAIN { users: [ { user: plain, password: plain } ] }, SYS { users: [ { user: sys, password: sys } ] } }
        system_account: SYS`,
    });
    const link = await connectNats(
      { clock, tell: () => {} },
      settingsFor(server.url, { user: "plain", password: "plain" }),
    );
    await expect(jsApi({ clock, tell: () => {}, link }).assertJetStream()).rejects.toBeInstanceOf(
      ServerTooOld,
    );
    await link.close();
    await server.stop();
  });
});
