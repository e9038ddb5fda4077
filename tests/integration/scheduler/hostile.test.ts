/*
 * Commands as large and as odd as NATS takes them. None may hold up its schedule, the inbox behind it, or what fires
 * meanwhile.
 */

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BODY_BYTES_MAX } from "../../../services/scheduler/src/domain/command-body.ts";
import { manual, TARGET } from "../../support/definition.ts";
import { pathsOf, type Refusals, refusalsOf } from "../../support/refusal.ts";
import { openRunning, type Stack, TENANTS } from "../../support/stack.ts";
import { ask } from "../../support/wire.ts";
import { type Witness, witnessOf } from "../../support/witness.ts";

const MEGABYTE = 1_000_000;
/** The default of `maxPayloadBytes`. */
const PAYLOAD_BYTES_MAX = 65_536;
const LONGEST = BODY_BYTES_MAX + PAYLOAD_BYTES_MAX;

let stack: Stack;
let witness: Witness;
let refusals: Refusals;
beforeAll(async () => {
  const roomy = { targets: [{ subject: TARGET, capture: true }], maxPayloadBytes: 1_048_576 };
  const few = { targets: [{ subject: TARGET, capture: true }], maxSchedules: 3 };
  const running = await openRunning({ tenants: { ...TENANTS, roomy, few } });
  stack = running.stack;
  witness = await witnessOf(stack.nc);
  refusals = await refusalsOf(stack, running.worker, witness);
});
afterAll(() => stack?.close());

const commandTo = (verb: string) => `cmd.scheduler.default.${verb}.${refusals.nextId()}`;
const rpcTo = (verb: string) => `rpc.scheduler.default.${verb}.${refusals.nextId()}`;

describe("a body longer than any command needs", () => {
  it.each(["create", "update", "trigger", "pause"])(
    "is refused unread by %s, durable or not",
    async (verb) => {
      const body = "[".repeat(MEGABYTE);
      const refused = await refusals.both(`a body of 1 MB for ${verb}`, { verb, body });
      expect(refused).toEqual({ code: "payload_too_large", paths: [""] });
    },
  );

  it("is refused unread by a question", async () => {
    const { reply } = await ask(stack.nc, { subject: rpcTo("preview"), body: " ".repeat(MEGABYTE) });
    expect(reply).toMatchObject({ ok: false, error: { code: "payload_too_large" } });
  });
});

describe("a definition as long as it may be", () => {
  const long = (letter: string) => manual({ metadata: { text: letter.repeat(LONGEST - 1_000) } });

  it("is replaced by another, and its event tells that in brief", async () => {
    const client = stack.client();
    const id = refusals.nextId();
    await client.create(id, long("a"));
    expect((await client.update(id, { metadata: long("b").metadata ?? null })).version).toBe(2);
    const { data } = await witness.recorded(id, "updated");
    expect(data).toMatchObject({ scheduleId: id, version: 2, actor: "test" });
    expect(data.definition).toBeUndefined();
    expect((await client.pause(id)).status).toBe("paused");
  });

  it("is refused for good where NATS cannot store it, whatever its tenant may send", async () => {
    const body = manual({ payload: "x".repeat(600_000) });
    const { reply } = await ask(stack.nc, { subject: "rpc.scheduler.roomy.create.long", body });
    expect(reply).toMatchObject({ ok: false, error: { code: "payload_too_large", retryable: false } });
  });
});

describe("a body of another verb", () => {
  const created = async (): Promise<string> => {
    const id = refusals.nextId();
    await stack.client().create(id, manual());
    return id;
  };

  it.each([
    [
      "an update that leaves a trigger of no kind",
      { trigger: { type: "moon" } },
      "invalid_definition",
      "/trigger/type",
    ],
    [
      "an update that leaves an end before the start",
      { startAt: "2050-01-02T00:00:00Z", endAt: "2050-01-01T00:00:00Z" },
      "invalid_bounds",
      "/endAt",
    ],
    ["an update that removes the target", { target: null }, "invalid_definition", "/target"],
    ["an update of __proto__", '{"__proto__":{"enabled":false}}', "invalid_body", "/__proto__"],
    [
      "an update that leaves a jitter longer than the interval",
      { trigger: { type: "interval", everySeconds: 1 }, jitterSeconds: 1 },
      "jitter_too_long",
      "/jitterSeconds",
    ],
  ])("is refused, and leaves the schedule as it was: %s", async (what, body, code, path) => {
    const id = await created();
    const refused = await refusals.enter(what, async () => {
      const durable = await refusals.durably({ subject: `cmd.scheduler.default.update.${id}`, body });
      expect(await refusals.overRpc({ subject: `rpc.scheduler.default.update.${id}`, body })).toEqual(
        durable,
      );
      return { code: durable.code, paths: pathsOf(durable) };
    });
    expect(refused).toEqual({ code, paths: [path] });
    expect((await stack.client().get(id)).version).toBe(1);
  });

  it.each([0, -1, 1.5, 1_001])("is refused: preview of %d instants", async (count) => {
    const body = { trigger: { type: "immediate" }, count };
    const refused = await refusals.enter(`preview with count ${count}`, async () => {
      const error = await refusals.overRpc({ subject: "rpc.scheduler.default.preview", body });
      return { code: error.code, paths: pathsOf(error) };
    });
    expect(refused).toEqual({ code: "invalid_body", paths: ["/count"] });
  });

  it("is answered: preview of 1,000 instants of a dear rule", async () => {
    const trigger = {
      type: "rrule",
      rrule: "DTSTART:20200101T000000Z\nRRULE:FREQ=MINUTELY;BYSECOND=0,30",
    } as const;
    await refusals.enter("preview with count 1000", async () => {
      expect((await stack.client().preview(trigger, { count: 1_000 })).times).toHaveLength(1_000);
      return { code: "answered", paths: [] };
    });
  });
});

const NESTED = `${"[".repeat(63)}${"]".repeat(63)}`;
const definition = (more: string) => `{"trigger":{"type":"manual"},"target":{"subject":"${TARGET}"},${more}}`;
const recurring = (rrule: string) => manual({ trigger: { type: "rrule", rrule } } as object);

/** Accepted; the payload that the target then gets. */
const HARMLESS: [what: string, body: unknown, payload: string][] = [
  [
    "__proto__ in the payload",
    definition('"payload":{"__proto__":{"admin":true},"constructor":1}'),
    '{"__proto__":{"admin":true},"constructor":1}',
  ],
  [
    "__proto__ in metadata",
    definition('"metadata":{"__proto__":{"a":1},"constructor":1,"prototype":[]}'),
    "",
  ],
  ["a payload nested as deep as it may be", definition(`"payload":${NESTED}`), NESTED],
  ["80,000 empty lists in metadata", manual({ metadata: { lists: Array(80_000).fill([]) } }), ""],
  ["line ends in name and description", manual({ name: "a\r\nb\0", description: "\u001b[31m" }), ""],
  ["half a surrogate in the payload", definition('"payload":"\\ud800"'), '"\\ud800"'],
  ["a rule of 16,000 equal days", recurring(`FREQ=YEARLY;BYMONTHDAY=${"1,".repeat(16_000)}1`), ""],
  ["a rule of every second since long ago", recurring("DTSTART:20200101T000000Z\nRRULE:FREQ=SECONDLY"), ""],
  [
    "a rule of every minute since long ago",
    recurring("DTSTART:19700101T000000Z\nRRULE:FREQ=MINUTELY;BYHOUR=9"),
    "",
  ],
  [
    "the last second of the year 9999, and jitter",
    manual({
      trigger: { type: "interval", everySeconds: 315_576_000, startAt: "9999-12-31T23:59:59Z" },
      jitterSeconds: 86_400,
    } as object),
    "",
  ],
];

describe("what looks like an attack and is none", () => {
  it.each(HARMLESS)("is accepted, fired and kept: %s", async (what, body, payload) => {
    const client = stack.client();
    await refusals.enter(what, async () => {
      const id = refusals.nextId();
      const { reply } = await ask(stack.nc, { subject: `rpc.scheduler.default.create.${id}`, body });
      expect(reply).toMatchObject({ ok: true });
      await client.trigger(id);
      expect((await witness.sent(id))[0]?.body).toBe(payload);
      await client.delete(id);
      return { code: "accepted", paths: [] };
    });
  });

  it.each(["__proto__", "constructor", "prototype", "toString"])(
    "is a schedule of the name %s",
    async (id) => {
      const client = stack.client();
      await refusals.enter(`the scheduleId ${id}`, async () => {
        await expect(client.get(id)).rejects.toMatchObject({ code: "not_found" });
        expect((await client.create(id, manual())).scheduleId).toBe(id);
        expect((await client.pause(id)).status).toBe("paused");
        await client.delete(id);
        return { code: "accepted", paths: [] };
      });
    },
  );
});

describe("a refusal", () => {
  it("is told, however long the name that it is about", async () => {
    const headers = Object.fromEntries([1, 2, 3, 4].map((n) => [`${n}`.repeat(75_000), 5]));
    const body = { trigger: { type: "manual" }, target: { subject: TARGET, headers } };
    const error = await refusals.durably({ subject: commandTo("create"), body });
    expect(error.code).toBe("invalid_definition");
    expect(Math.max(...pathsOf(error).map((path) => path.length))).toBeLessThan(300);
  });
});

describe("a limit on schedules", () => {
  it("holds however many are created at once", async () => {
    const client = stack.client("few");
    const made = await Promise.allSettled(
      Array.from({ length: 12 }, (_, n) => client.create(`s-${n}`, manual())),
    );
    const refused = made.flatMap((one) => (one.status === "rejected" ? [one.reason.code] : []));
    expect(refused).toEqual(Array(9).fill("quota_exceeded"));
  });
});

describe("headers longer than the inbox takes", () => {
  it("are cut where an rpc sends them on", async () => {
    const id = refusals.nextId();
    const headers = { "Scheduler-Actor": "a".repeat(70_000), "Scheduler-Reason": "r".repeat(70_000) };
    const { reply } = await ask(stack.nc, {
      subject: `rpc.scheduler.default.create.${id}`,
      body: manual(),
      headers,
    });
    expect(reply).toMatchObject({ ok: true, schedule: { createdBy: "a".repeat(256) } });
  });
});

describe("after all of that", () => {
  it("the worker is unharmed", () => refusals.harmNobody());
});
