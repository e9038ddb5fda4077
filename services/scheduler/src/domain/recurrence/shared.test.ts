import type { EffectiveTrigger } from "@carillon/contracts";
import { describe, expect, it } from "vitest";
import { sharing } from "./shared.ts";

const cron = (expression: string, patch: object = {}) =>
  ({
    type: "cron",
    expression,
    timezone: "UTC",
    dayMatch: "or",
    dst: { gap: "next", overlap: "first" },
    ...patch,
  }) as Extract<EffectiveTrigger, { type: "cron" }>;

function counted() {
  const share = sharing<object>();
  let made = 0;
  const get = (trigger: Extract<EffectiveTrigger, { type: "cron" }>): object =>
    share(trigger, trigger.expression, () => {
      made++;
      return {};
    });
  return { get, made: () => made };
}

describe("equal triggers", () => {
  it("share one timeline; whatever differs makes another", () => {
    const { get, made } = counted();
    expect(get(cron("0 9 * * *"))).toBe(get(cron("0 9 * * *")));
    expect(made()).toBe(1);
    const others = [
      { timezone: "Europe/Vienna" },
      { dayMatch: "and" },
      { dst: null },
      { dst: { gap: "shift", overlap: "first" } },
      { dst: { gap: "next", overlap: "both" } },
    ];
    for (const patch of others) get(cron("0 9 * * *", patch));
    expect(made()).toBe(1 + others.length);
  });

  it("are kept while they are in use, and forgotten after thousands of others", () => {
    const { get, made } = counted();
    const [used, idle] = [get(cron("used")), get(cron("idle"))];
    for (let n = 0; n < 10_000; n++) {
      get(cron(`${n}`));
      expect(get(cron("used"))).toBe(used);
    }
    expect(get(cron("idle"))).not.toBe(idle);
    expect(made()).toBe(10_003);
  });

  it("of a long text share only while it is the last one", () => {
    const { get } = counted();
    const [one, other] = [cron("1".repeat(2_000)), cron("2".repeat(2_000))];
    const first = get(one);
    expect(get(one)).toBe(first);
    get(other);
    expect(get(one)).not.toBe(first);
  });
});
