/*
 * An owner stalls for three leases at one of its messages, while another worker takes over and goes on; then it wakes up. In memory and
 * virtual time, so that every message can be tried: CARILLON_TEST_STALLS=all tries them all, and lets each arrive at every moment of the
 * takeover that it races; without it the first message of each kind is tried, and those that carry an occurrence at each of these moments.
 */

import { describe, expect, it } from "vitest";
import { say } from "../support/measure.ts";
import { adopted, brokenBy, overtakings } from "./laws.ts";
import { SCENES, type SceneName } from "./scene.ts";
import { type Point, stalledRun } from "./stalled-run.ts";

const ALL = process.env["CARILLON_TEST_STALLS"] === "all";
const PATIENCE_MS = ALL ? 3_600_000 : 180_000;

/** By which an occurrence is claimed, sent and told. */
const RACING = ["store.write state", "publisher.send cmd", "publisher.send execution.dispatched"];

const sceneNames = Object.keys(SCENES) as SceneName[];

interface Tried {
  points: number;
  overtaken: number;
  adopted: number;
  readonly broken: string[];
}

async function tryAll(scene: SceneName, points: readonly Point[]): Promise<Tried> {
  const tried: Tried = { points: points.length, overtaken: 0, adopted: 0, broken: [] };
  for (const point of points) {
    const run = await stalledRun(scene, point);
    tried.overtaken += overtakings(run).length;
    tried.adopted += adopted(run);
    const where = `${point.when} ${point.nth} (${run.messages[point.nth - 1]}) ${point.lateMs ?? ""}`;
    tried.broken.push(...brokenBy(run).map((what) => `${where}: ${what}`));
  }
  return tried;
}

/** By number, from 1. */
async function messagesOf(scene: SceneName): Promise<{ nth: number; call: string }[]> {
  const { messages } = await stalledRun(scene, { nth: 0, when: "before" });
  return messages.map((call, n) => ({ nth: n + 1, call }));
}

const firstOfEach = (messages: { nth: number; call: string }[]): typeof messages =>
  messages.filter(({ call, nth }) => messages.find((one) => one.call === call)?.nth === nth);

const inWords = ({ points, overtaken, adopted: late, broken }: Tried): string =>
  `${points} points: overtaken ${overtaken}, late writes adopted ${late}; laws broken ${broken.length}`;

describe.each(sceneNames)("an owner that %s", (scene) => {
  it("breaks no law when it stalls before or after one of its messages", {
    timeout: PATIENCE_MS,
  }, async () => {
    const messages = await messagesOf(scene);
    const chosen = ALL ? messages : firstOfEach(messages);
    const tried = await tryAll(
      scene,
      chosen.flatMap(({ nth }) => [
        { nth, when: "before" },
        { nth, when: "after" },
      ]),
    );
    say(`${scene}: ${inWords(tried)}`);
    expect(tried.broken).toEqual([]);
    expect(tried.overtaken).toBeGreaterThan(tried.points / 3);
  });

  it("nor when that message arrives in the middle of the takeover", { timeout: PATIENCE_MS }, async () => {
    const messages = (await messagesOf(scene)).filter(({ call }) => RACING.includes(call));
    const points: Point[] = [];
    for (const { nth } of ALL ? messages : firstOfEach(messages)) {
      const { rivalMs } = await stalledRun(scene, { nth, when: "before" });
      const moments = ALL ? rivalMs : rivalMs.filter((_, n) => n % 2 === 0);
      points.push(...moments.map((lateMs): Point => ({ nth, when: "before", lateMs })));
    }
    const tried = await tryAll(scene, points);
    say(`${scene}, at moments of the takeover: ${inWords(tried)}`);
    expect(tried.broken).toEqual([]);
    expect(tried.adopted).toBeGreaterThan(0);
  });
});
