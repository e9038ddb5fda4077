import { errorBody, names } from "@carillon/contracts";
import { describe, expect, it } from "vitest";
import { compileTenants } from "../domain/tenants.ts";
import { Gate, HELD_BACK_MAX } from "./gate.ts";
import type { Clock } from "./ports.ts";
import { Rates } from "./rates.ts";

/** A clock that stands still until it is set; what waits on it is kept. */
function stoppedClock() {
  const waiting: number[] = [];
  const shown = { ms: 0 };
  const after = (delayMs: number): (() => void) => {
    waiting.push(delayMs);
    return () => void waiting.splice(waiting.indexOf(delayMs), 1);
  };
  const clock: Clock = { now: () => shown.ms, monotonicMs: () => shown.ms, after };
  return { clock, shown, waiting };
}

const compiled = compileTenants({
  file: {
    tenants: {
      acme: { targets: [], maxCommandsPerSecond: 10, maxCommandsPerSecondPerCreator: 2 },
      free: { targets: [] },
    },
  },
  payloadChecks: new Map(),
  maxSchedulesPerCreator: 1,
  installation: names(),
});
if (!compiled.ok) throw new Error(compiled.faults.join());
const { tenants } = compiled;

const sender = (tenant: string, actor: string) => ({
  tenant,
  actor,
  scheduleId: "x",
  verb: "pause",
  subject: "",
  commandId: "",
  replyTo: null,
});

function gate() {
  const { clock, shown, waiting } = stoppedClock();
  let sequence = 0;
  const tested = new Gate({ clock, rates: new Rates(clock) });
  return {
    waiting,
    shown,
    /** Of the command that was sent last. */
    sendAgain: (tenant: string, actor: string) =>
      tested.enter(sender(tenant, actor), tenants, { sequence, awaited: true }).kind,
    wake: () => tested.wake(),
    /** Null: it may be handled, or is no longer wanted. */
    send: async (tenant: string, actor: string, awaited = false, wanted = () => true) => {
      const entry = tested.enter(sender(tenant, actor), tenants, { sequence: ++sequence, awaited });
      if (entry.kind === "refused") return entry.error;
      await entry.pass(wanted);
      return null;
    },
  };
}

describe("a tenant's rate", () => {
  it("lets commands below it through at once", async () => {
    const { send } = gate();
    const answers = await Promise.all(Array.from({ length: 10 }, (_, i) => send("acme", `creator-${i}`)));
    expect(answers).toEqual(Array(10).fill(null));
  });

  it("holds durable commands beyond it back", async () => {
    const { send, waiting } = gate();
    for (let i = 0; i < 12; i++) void send("acme", `creator-${i}`);
    expect(waiting).toEqual([100, 200]);
  });

  it("refuses a caller who waits, and says when to come again", async () => {
    const { send } = gate();
    await send("acme", "one");
    await send("acme", "one");
    expect(await send("acme", "one", true)).toMatchObject({
      code: "rate_limited",
      retryable: true,
      retryAfterMs: 500,
    });
  });

  it("refuses what comes while as many as may wait are waiting", async () => {
    const { send, waiting } = gate();
    for (let i = 0; i < 10 + HELD_BACK_MAX; i++) void send("acme", `creator-${i}`);
    expect(waiting).toHaveLength(HELD_BACK_MAX);
    expect(await send("acme", "another")).toMatchObject({ code: "rate_limited" });
  });

  it("refuses a command again that was refused for another reason, as it was told", () => {
    const { clock } = stoppedClock();
    const tested = new Gate({ clock, rates: new Rates(clock) });
    const place = { sequence: 7, awaited: false };
    const error = errorBody("storage_full", "not stored");
    expect(tested.enter(sender("free", "one"), tenants, place).kind).toBe("admitted");
    tested.refuse(7, error);
    tested.leave(7);
    expect(tested.enter(sender("free", "one"), tenants, place)).toEqual({ kind: "refused", error });
  });

  it("refuses a command again that it has refused, whenever it is delivered again", async () => {
    const { send, sendAgain, shown } = gate();
    await send("acme", "one");
    await send("acme", "one");
    await send("acme", "one", true);
    shown.ms = 60_000;
    expect(sendAgain("acme", "one")).toBe("refused");
    expect(await send("acme", "one", true)).toBeNull();
  });

  it("does not judge a command anew that is in hand", async () => {
    const { send, sendAgain } = gate();
    await send("acme", "one");
    await send("acme", "one");
    expect(sendAgain("acme", "one")).toBe("admitted");
  });

  it("is none where the tenants file sets none", async () => {
    const { send, waiting } = gate();
    await Promise.all(Array.from({ length: 1_000 }, () => send("free", "one")));
    expect(waiting).toEqual([]);
  });
});

describe("a command held back that is no longer wanted", () => {
  it("waits no longer, and so keeps no worker from ending", async () => {
    const { send, waiting, wake } = gate();
    let wanted = true;
    const sent = Array.from({ length: 12 }, (_, i) => send("acme", `creator-${i}`, false, () => wanted));
    expect(waiting).toHaveLength(2);
    wanted = false;
    wake();
    expect(await Promise.all(sent)).toEqual(Array(12).fill(null));
    expect(waiting).toEqual([]);
  });

  it("waits on when others are woken", async () => {
    const { send, waiting, wake } = gate();
    for (let i = 0; i < 11; i++) void send("acme", `creator-${i}`);
    wake();
    await new Promise((resolve) => setImmediate(resolve));
    expect(waiting).toEqual([100]);
  });

  it("counts once, however often it is delivered", async () => {
    const { send, waiting, wake } = gate();
    for (let delivery = 0; delivery < 50; delivery++) {
      let wanted = true;
      const sent = Array.from({ length: 60 }, (_, i) => send("acme", `creator-${i}`, false, () => wanted));
      expect(Math.max(...waiting)).toBe(5_000);
      wanted = false;
      wake();
      await Promise.all(sent);
    }
  });
});
