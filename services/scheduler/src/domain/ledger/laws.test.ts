import type { Account } from "@carillon/contracts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Command } from "../command.ts";
import { definition, misfire, recurring } from "../testing/arbitraries.ts";
import { aCommand, aDefinition, iso, MINUTE, SECOND, STORED_AT } from "../testing/builders.ts";
import { Chronicle } from "../testing/chronicle.ts";

const move = fc.record({
  afterMs: fc.integer({ min: 0, max: 2 * MINUTE }),
  /** How long a command has been stored before it is read: the clock may be ahead of it. */
  lagMs: fc.integer({ min: 0, max: 20 * SECOND }),
  what: fc.oneof(
    fc.constantFrom("pause", "now", "catch_up", "delete", "create", "trigger", "nothing"),
    recurring.map((trigger) => ({ trigger, startAt: null, endAt: null })),
    fc.constant({ trigger: { type: "delay", delaySeconds: 7 }, startAt: null }),
    misfire.map((policy) => ({ misfire: policy })),
    fc.boolean().map((enabled) => ({ enabled })),
    fc
      .integer({ min: 0, max: 30 * MINUTE })
      .map((inMs) => ({ endAt: iso(STORED_AT + 24 * 60 * MINUTE + inMs) })),
    fc
      .option(fc.integer({ min: 0, max: 10 * MINUTE }))
      .map((inMs) => ({ startAt: inMs === null ? null : iso(STORED_AT + inMs) })),
    fc.integer({ min: 1, max: 40 }).map((maxExecutions) => ({ maxExecutions })),
  ),
  /** What is due fires before the command is decided. */
  busy: fc.boolean(),
});

function commandOf(what: string | object, storedAt: number): Command | null {
  if (typeof what === "object") return aCommand("update", { storedAt, body: what });
  if (what === "nothing") return null;
  if (what === "create") return aCommand("create", { storedAt, body: aDefinition() });
  if (what === "now" || what === "catch_up") return aCommand("resume", { storedAt, body: { from: what } });
  return aCommand(what as "pause" | "delete" | "trigger", { storedAt });
}

/** The life of one schedule, as its moves make it. */
const life = fc.tuple(definition, fc.array(move, { maxLength: 8 })).map(([patch, moves]) => {
  const chronicle = new Chronicle(STORED_AT);
  chronicle.carryOut(aCommand("create", { body: aDefinition(patch) }));
  let storedAt = STORED_AT;
  for (const { afterMs, lagMs, what, busy } of moves) {
    chronicle.now += afterMs;
    storedAt = Math.max(storedAt, chronicle.now - lagMs);
    if (busy) chronicle.catchUp();
    const command = commandOf(what, storedAt);
    if (command !== null) chronicle.carryOut(command);
  }
  return chronicle;
});

const sum = (counts: Account["missed"]): number =>
  Object.values(counts).reduce((all, count) => all + count, 0);

const inPlaces = ({ fired, failed, missed, skipped, paused, open }: Account): number =>
  fired + failed + sum(missed) + sum(skipped) + paused + open;

describe("the ledger check", () => {
  it("finds nothing in what was decided, delivered and told, and a place for every planned occurrence", () => {
    fc.assert(
      fc.property(life, (chronicle) => {
        const { account } = chronicle.judge();
        expect(account.unexplained.items).toEqual([]);
        expect(inPlaces(account)).toBe(account.planned);
      }),
      { numRuns: 150 },
    );
  });

  it("says of two parts of time what it says of the whole", () => {
    fc.assert(
      fc.property(life, fc.double({ min: 0, max: 1, noNaN: true }), (chronicle, share) => {
        const { account: whole } = chronicle.judge();
        const middle = STORED_AT + Math.floor((chronicle.now - STORED_AT) * share);
        const parts = [chronicle.judge({ until: middle }), chronicle.judge({ from: middle })];
        for (const { account } of parts) expect(account.unexplained.items).toEqual([]);
        for (const count of ["planned", "fired", "failed", "paused", "open", "manual"] as const)
          expect(parts.reduce((all, { account }) => all + account[count], 0)).toBe(whole[count]);
        const missed = parts.reduce((all, { account }) => all + sum(account.missed), 0);
        expect(missed).toBe(sum(whole.missed));
      }),
      { numRuns: 80 },
    );
  });

  it("counts once what was missed beyond the end of a definition, wherever the parts meet", () => {
    const chronicle = new Chronicle(STORED_AT);
    const misfire = { policy: "skip", graceSeconds: 0 } as const;
    const body = aDefinition({ trigger: { type: "interval", everySeconds: 1 }, misfire });
    chronicle.carryOut(aCommand("create", { body }));
    chronicle.now += 10 * SECOND;
    chronicle.catchUp();
    const delay = { trigger: { type: "delay", delaySeconds: 7 } };
    chronicle.carryOut(aCommand("update", { storedAt: STORED_AT + 5 * SECOND, body: delay }));
    for (let second = 0; second <= 10; second++) {
      const middle = STORED_AT + second * SECOND;
      const parts = [chronicle.judge({ until: middle }), chronicle.judge({ from: middle })];
      expect(parts.reduce((all, { account }) => all + account.planned, 0)).toBe(10);
      expect(parts.reduce((all, { account }) => all + sum(account.missed), 0)).toBe(9);
    }
  });

  /** Lives in which something fired. */
  const lively = fc
    .tuple(life, fc.nat())
    .filter(([{ sent }]) => sent.length > 0)
    .map(([chronicle, n]) => ({ chronicle, n: n % chronicle.sent.length }));

  it("names the one event that is missing, whichever it is", () => {
    fc.assert(
      fc.property(lively, ({ chronicle, n }) => {
        const lost = chronicle.sent[n];
        const told = chronicle.told.filter(({ executionId }) => executionId !== lost?.executionId);
        const { account } = chronicle.judge({ told });
        expect(account.unexplained.items.map(({ what, executionId }) => [what, executionId])).toEqual([
          ["no_event", lost?.executionId],
        ]);
      }),
      { numRuns: 80 },
    );
  });

  const everyMinute = { type: "cron", expression: "* * * * *" } as const;
  const every2s = { type: "cron", expression: "*/2 * * * * *" } as const;
  const everySecond = { type: "cron", expression: "* * * * * *" } as const;
  const delay7s = { type: "delay", delaySeconds: 7 } as const;
  it.each([
    [
      "the next one is a delay, and its first round would have come before",
      everyMinute,
      60,
      { trigger: delay7s },
      52.999,
    ],
    ["it is a round of a delay, which the next one does not name", delay7s, 7, { trigger: everyMinute }, 7],
    ["the next one names it too, and another before", every2s, 4, { trigger: everySecond }, 2.5],
    ["the next one begins further back", everyMinute, 60, { startAt: null }, 0],
  ] as const)(
    "names an event that is missing of what fired before the next definition was decided: %s",
    (_, trigger, firedS, body, storedS) => {
      for (const maxExecutions of [null, 1]) {
        const chronicle = new Chronicle(STORED_AT);
        const startAt = iso(STORED_AT + 1);
        const misfire = { policy: "skip", graceSeconds: 0 } as const;
        const first = aDefinition({ trigger, startAt, misfire, maxExecutions });
        chronicle.carryOut(aCommand("create", { body: first }));
        chronicle.now += firedS * SECOND;
        chronicle.catchUp();
        chronicle.carryOut(aCommand("update", { storedAt: STORED_AT + storedS * SECOND, body }));
        const lost = chronicle.sent.at(-1)?.executionId;
        const told = chronicle.told.filter(({ executionId }) => executionId !== lost);
        expect(chronicle.changes.at(-1)?.version).toBe(2);
        expect(chronicle.judge().account.unexplained.items).toEqual([]);
        const { items } = chronicle.judge({ told }).account.unexplained;
        expect(items.map(({ what, nominalAt }) => [what, nominalAt])).toEqual([
          ["no_event", iso(STORED_AT + firedS * SECOND)],
        ]);
      }
    },
  );

  it("counts the executions before a schedule was switched off", () => {
    const chronicle = new Chronicle(STORED_AT);
    chronicle.carryOut(aCommand("create", { body: aDefinition({ trigger: everySecond, maxExecutions: 3 }) }));
    for (const enabled of [false, true]) {
      chronicle.now += SECOND;
      chronicle.catchUp();
      chronicle.carryOut(aCommand("update", { storedAt: chronicle.now, body: { enabled } }));
    }
    chronicle.now += 10 * SECOND;
    chronicle.catchUp();
    const { account } = chronicle.judge();
    expect(account).toMatchObject({ fired: 3, planned: 3, unexplained: { items: [] } });
  });

  it("looks for nothing of a pause that was caught up under later bounds", () => {
    const chronicle = new Chronicle(STORED_AT);
    const misfire = { policy: "fire_all", graceSeconds: 0 } as const;
    chronicle.carryOut(aCommand("create", { body: aDefinition({ trigger: everySecond, misfire }) }));
    chronicle.catchUp();
    chronicle.carryOut(aCommand("pause", { storedAt: STORED_AT }));
    chronicle.now += 5 * SECOND;
    const storedAt = chronicle.now;
    chronicle.carryOut(aCommand("update", { storedAt, body: { startAt: iso(STORED_AT + 3 * SECOND) } }));
    chronicle.carryOut(aCommand("resume", { storedAt, body: { from: "catch_up" } }));
    chronicle.catchUp();
    const { account } = chronicle.judge();
    expect(account).toMatchObject({ fired: 4, paused: 2, planned: 6, unexplained: { items: [] } });
  });

  it("names the one command that is missing, or there twice", () => {
    fc.assert(
      fc.property(lively, fc.boolean(), ({ chronicle, n }, lost) => {
        const { sent } = chronicle;
        const one = sent[n];
        if (one === undefined) return;
        const others = lost ? sent.filter((command) => command !== one) : [...sent, { ...one, sequence: 0 }];
        const { account, doubts } = chronicle.judge({ sent: others });
        expect(account.unexplained).toMatchObject({
          count: 1,
          items: [{ what: lost ? "no_command" : "doubled", executionId: one.executionId }],
        });
        expect(doubts.map(({ executionId }) => executionId)).toEqual(lost ? [one.executionId] : []);
      }),
      { numRuns: 80 },
    );
  });

  /** Only the clock moves, and nothing ends. */
  const plain = fc
    .tuple(definition, fc.array(fc.integer({ min: 0, max: 2 * MINUTE }), { maxLength: 8 }), fc.nat())
    .map(([patch, steps, n]) => {
      const chronicle = new Chronicle(STORED_AT);
      const body = aDefinition({ ...patch, maxExecutions: null, startAt: null, endAt: null });
      chronicle.carryOut(aCommand("create", { body }));
      for (const afterMs of steps) {
        chronicle.now += afterMs;
        chronicle.catchUp();
      }
      return { chronicle, lost: chronicle.sent[n % chronicle.sent.length] };
    });

  it("misses the one occurrence of which nothing is heard, although its neighbours may share an event", () => {
    fc.assert(
      fc.property(plain, ({ chronicle, lost }) => {
        if (lost === undefined) return;
        const told = chronicle.told.filter(({ executionId }) => executionId !== lost.executionId);
        const sent = chronicle.sent.filter((command) => command !== lost);
        const { account } = chronicle.judge({ told, sent });
        expect(account.unexplained).toMatchObject({ count: 1, items: [{ what: "no_event" }] });
        const [item] = account.unexplained.items;
        if (item?.executionId !== null) expect(item?.executionId).toBe(lost.executionId);
      }),
      { numRuns: 80 },
    );
  });
});
