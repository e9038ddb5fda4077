import { names } from "@carillon/contracts";
import { describe, expect, it } from "vitest";
import { ApiCode } from "./api-codes.ts";
import { ApiRefusal } from "./js-api.ts";
import { NatsStore } from "./store.ts";

type Deps = ConstructorParameters<typeof NatsStore>[0];

const MADE = "CONSUMER.CREATE";

/** A store over empty buckets, whose questions are kept; those for a bucket's end wait for `answer`. */
function aStore() {
  const asked: string[] = [];
  const waiting: (() => void)[] = [];
  const api = {
    ask: async (question: string) => {
      asked.push(question.split(".").slice(0, 3).join("."));
      if (question.startsWith(MADE)) return {};
      await new Promise<void>((resolve) => waiting.push(resolve));
      throw new ApiRefusal(ApiCode.noMessageFound, "empty");
    },
    request: async () => ({}),
  };
  const ignore = () => () => {};
  const link = {
    listen: ignore,
    onDrop: ignore,
    onReconnect: ignore,
    onError: ignore,
    closed: () => false,
    up: () => true,
  };
  const clock = { now: () => 0, monotonicMs: () => 0, after: ignore };
  const deps = { api, link, clock, names: names(), inboxPrefix: "_INBOX" } as unknown as Deps;
  const answer = async (): Promise<void> => {
    for (const resolve of waiting.splice(0)) resolve();
    await new Promise((resolve) => setImmediate(resolve));
  };
  const made = (): string[] => asked.filter((question) => question.startsWith(MADE));
  return { store: new NatsStore(deps, 4), made, answer };
}

describe("loads that are asked for at once", () => {
  it("go one after the other, since the server would drop whoever is behind with two", async () => {
    const { store, made, answer } = aStore();
    const loads = [store.load("state", [1], () => {}), store.load("schedules", [2], () => {})];
    await answer();
    expect(made()).toEqual(["CONSUMER.CREATE.KV_scheduler_state"]);
    // Each asks for its end a second time.
    await answer();
    expect(made()).toEqual(["CONSUMER.CREATE.KV_scheduler_state"]);
    await answer();
    expect(made()).toEqual(["CONSUMER.CREATE.KV_scheduler_state", "CONSUMER.CREATE.KV_scheduler_schedules"]);
    await answer();
    await answer();
    await Promise.all(loads);
  });
});
