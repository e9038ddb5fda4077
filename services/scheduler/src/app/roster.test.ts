import { describe, expect, it } from "vitest";
import { SETTINGS } from "../domain/testing/builders.ts";
import { GONE_GRACE_MS, Roster } from "./roster.ts";
import { playedClock } from "./testing/played-clock.ts";

const TTL_MS = 5_000;
const BEAT_MS = TTL_MS / 5;

const HEARTBEAT = JSON.stringify({
  v: 1,
  worker: "other",
  state: "ready",
  partitions: [3],
  settings: SETTINGS,
});

/** A roster of two, whose server can be away. */
async function aRoster() {
  const { clock, pass } = playedClock();
  const server = { there: true };
  let heard: (worker: string, heartbeat: string | null) => void = () => {};
  const roster = new Roster({
    clock,
    tell: () => {},
    worker: "w",
    ttlMs: TTL_MS,
    settings: () => SETTINGS,
    heartbeats: {
      beat: async () => server.there,
      end: async () => {},
      watch: async (hear) => {
        heard = hear;
        return () => {};
      },
    },
  });
  await roster.start(
    () => ({ state: "ready", partitions: [] }),
    () => {},
  );
  const passing = (ms: number): Promise<void> =>
    pass(ms, () => new Promise((resolve) => setImmediate(resolve)));
  heard("other", HEARTBEAT);
  const beats = (): void => heard("other", HEARTBEAT);
  return { roster, server, pass: passing, beats, goes: () => heard("other", null) };
}

describe("a worker whose heartbeat is gone", () => {
  it("is gone at once where the server has taken all of ours for as long as one lives", async () => {
    const { roster, pass, goes } = await aRoster();
    await pass(TTL_MS + BEAT_MS);
    goes();
    expect(roster.ready()).toEqual([]);
  });

  it("counts a moment longer where we have not been there for so long", async () => {
    const { roster, pass, goes } = await aRoster();
    await pass(TTL_MS - BEAT_MS);
    goes();
    expect(roster.ready()).toEqual(["other"]);
    await pass(GONE_GRACE_MS);
    expect(roster.ready()).toEqual([]);
  });

  it("counts a moment longer after an outage", async () => {
    const { roster, server, pass, goes } = await aRoster();
    await pass(2 * TTL_MS);
    server.there = false;
    await pass(2 * BEAT_MS);
    server.there = true;
    await pass(2 * BEAT_MS);
    goes();
    expect(roster.ready()).toEqual(["other"]);
  });
});

describe("whether a worker lives", () => {
  it("is known once it is heard again", async () => {
    const { roster, beats } = await aRoster();
    const lives = roster.lives("other");
    beats();
    expect(await lives).toBe(true);
  });

  it("is known once its heartbeat has run out, though it was there when somebody asked", async () => {
    const { roster, pass, goes } = await aRoster();
    await pass(TTL_MS + BEAT_MS);
    const lives = roster.lives("other");
    goes();
    expect(await lives).toBe(false);
  });

  it("is taken for granted where nothing is heard", async () => {
    const { roster, pass } = await aRoster();
    const lives = roster.lives("other");
    await pass(TTL_MS + GONE_GRACE_MS);
    expect(await lives).toBe(true);
  });

  it("is not asked for longer than we live ourselves", async () => {
    const { roster } = await aRoster();
    const lives = roster.lives("other");
    await roster.end();
    expect(await lives).toBe(false);
  });

  it("is known of nobody, who does not", async () => {
    const { roster } = await aRoster();
    expect(await roster.lives("nobody")).toBe(false);
  });
});
