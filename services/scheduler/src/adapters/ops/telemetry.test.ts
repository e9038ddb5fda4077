import { describe, expect, it } from "vitest";
import type { Signal } from "../../app/signals.ts";
import { LABEL_VALUES_MAX } from "./label.ts";
import { createLog, type LogOptions } from "./log.ts";
import { createMetrics } from "./metrics.ts";
import { telemetry } from "./telemetry.ts";

const where = { tenant: "acme", scheduleId: "daily", traceparent: "00-a-b-01" };

const told = async (signals: readonly Signal[], level: LogOptions["level"] = "debug") => {
  const lines: string[] = [];
  const stream = { write: (line: string) => void lines.push(line) };
  const log = createLog({ level, format: "json", service: "scheduler", version: "1.2.3", stream });
  const metrics = createMetrics({ nodeMetrics: false });
  const tell = telemetry({ log, metrics });
  for (const signal of signals) tell(signal);
  return { lines, logged: lines.map((line) => JSON.parse(line)), scraped: await metrics.text() };
};

const fired: Signal = {
  kind: "execution.fired",
  where,
  executionId: "daily@x",
  scheduleType: "cron",
  attempt: 1,
  lagMs: 4,
  durationMs: 12,
  duplicate: false,
};

const rejected = (verb: string, code = "bad_subject"): Signal => ({
  kind: "command.rejected",
  where,
  verb,
  commandId: "acme.1",
  actor: "ann",
  code,
});

describe("telemetry", () => {
  it("turns a fire into one debug line with what identifies it", async () => {
    const { logged } = await told([fired]);
    expect(logged).toEqual([
      {
        level: "debug",
        time: expect.stringMatching(/^\d{4}-.*Z$/),
        service: "scheduler",
        version: "1.2.3",
        pid: process.pid,
        ...where,
        executionId: "daily@x",
        scheduleType: "cron",
        attempt: 1,
        lagMs: 4,
        durationMs: 12,
        duplicate: false,
        msg: "execution dispatched",
      },
    ]);
  });

  it("counts what it does not log", async () => {
    const { lines, scraped } = await told([fired, fired], "info");
    expect(lines).toEqual([]);
    expect(scraped).toContain('schedule_executions_total{schedule_type="cron",status="dispatched"} 2');
    expect(scraped).toContain('schedule_fire_lag_seconds_bucket{le="0.005"} 2');
    expect(scraped).toContain('schedule_fire_lag_seconds_bucket{le="0.002"} 0');
    expect(scraped).toContain('schedule_fire_lag_seconds_bucket{le="300"} 2');
  });

  it("counts occurrences, not messages, of what was missed", async () => {
    const missed = {
      kind: "execution.missed",
      where,
      scheduleType: "cron",
      reason: "coalesced",
      count: 40,
    } as const;
    expect((await told([missed])).scraped).toContain('schedule_misfires_total{reason="coalesced"} 40');
  });

  it("shows the versions of the running worker only", async () => {
    const started = { kind: "worker.started", worker: "w", version: "1.2.3", tzdata: "2026c" } as const;
    const { scraped } = await told([
      { ...started, natsServer: "2.12.0" },
      { ...started, natsServer: "2.15.1" },
    ]);
    expect(scraped.match(/^scheduler_build_info.*$/gm)).toEqual([
      'scheduler_build_info{version="1.2.3",nats_server="2.15.1"} 1',
    ]);
  });

  it("tells a bug with its causes", async () => {
    const error = new Error("broken", { cause: new Error("because") });
    const [line] = (await told([{ kind: "bug", error }])).logged;
    expect(line).toMatchObject({ level: "error", detail: "broken" });
    expect(line.stack.join("\n")).toMatch(/broken[\s\S]*caused by Error: because/);
  });
});

describe("labels", () => {
  it("do not grow with what others send", async () => {
    const strange = Array.from({ length: 200 }, (_, index) => rejected(`verb${index}`, `code${index}`));
    const { scraped } = await told([...strange, rejected("create")]);
    expect(scraped.match(/^scheduler_commands_total\{.*$/gm)?.toSorted()).toEqual([
      'scheduler_commands_total{verb="create",result="bad_subject"} 1',
      'scheduler_commands_total{verb="other",result="other"} 200',
    ]);
  });

  it("end at a fixed number of values", async () => {
    const skipped = (reason: string): Signal => ({
      kind: "execution.skipped",
      where,
      scheduleType: "at",
      reason,
      count: 1,
    });
    const valuesAfter = async (count: number): Promise<number> => {
      const { scraped } = await told(Array.from({ length: count }, (_, index) => skipped(`reason_${index}`)));
      return scraped.match(/^schedule_skips_total\{.*$/gm)?.length ?? 0;
    };
    expect(await valuesAfter(100)).toBeLessThanOrEqual(LABEL_VALUES_MAX + 1);
    expect(await valuesAfter(200)).toBe(await valuesAfter(100));
  });
});

describe("the log", () => {
  it("writes only fields of its list, even where an object brings more", async () => {
    const wide = { ...rejected("create"), payload: { card: "canary" }, headers: { a: "canary" } };
    const { lines } = await told([wide]);
    expect(lines.join()).not.toContain("canary");
  });

  it("keeps a line a line, whatever the text holds", async () => {
    const { lines, logged } = await told([{ ...rejected("x"), actor: "a\nb\u001b[31m\u009b" } as Signal]);
    expect(lines).toHaveLength(1);
    expect(logged[0].actor).toBe("a\uFFFDb\uFFFD[31m\uFFFD");
  });

  it("masks the user part of urls", async () => {
    const { lines } = await told([{ kind: "warning", message: "cannot reach nats://ann:canary@host:4222" }]);
    expect(lines.join()).toContain("nats://***@host:4222");
  });

  it("can be read by people", () => {
    const lines: string[] = [];
    const stream = { write: (line: string) => void lines.push(line) };
    const log = createLog({ level: "info", format: "pretty", service: "s", version: "1", stream });
    log.write("info", "worker started", { worker: "w1" });
    expect(lines.join("")).toMatch(/INFO.*worker started.*w1/);
  });
});
