/** Commands at random: ordinary ones, repeated ones, and some that must be refused. */

import { names as namesOf, type ScheduleDefinition, type Trigger, type WriteVerb } from "@carillon/contracts";
import type { MemoryServer } from "../../services/testing/src/server/memory-server.ts";
import type { Random } from "./random.ts";
import type { Scenario } from "./scenario.ts";

const NAMES = namesOf();
const encoder = new TextEncoder();

/** A command on its way. */
export interface Sent {
  readonly verb: string;
  readonly tenant: string;
  readonly scheduleId: string;
  readonly body: unknown;
  readonly headers: Readonly<Record<string, string>>;
  readonly commandId: string | null;
}

/** Commands that may still be repeated under their ids; fewer than a schedule remembers. */
const REPEATABLE_MAX = 4;

export class Workload {
  readonly #random: Random;
  readonly #scenario: Scenario;
  readonly #now: () => number;
  readonly #recent: Sent[] = [];
  #count = 0;

  constructor({ random, scenario, now }: { random: Random; scenario: Scenario; now: () => number }) {
    this.#random = random;
    this.#scenario = scenario;
    this.#now = now;
  }

  /** Of all schedules, so that there is something to disturb from the beginning. */
  *founding(): Iterable<Sent> {
    for (let n = 0; n < this.#scenario.schedules; n++) {
      yield this.#remember(this.#sent("create", { ...address(n), body: this.#definition() }));
    }
  }

  next(): Sent {
    const random = this.#random;
    if (this.#recent.length > 0 && random.chance(0.1)) return random.pick(this.#recent);
    const where = address(random.between(0, this.#scenario.schedules - 1));
    return this.#remember(this.#sent(this.#verb(), where));
  }

  #verb(): string {
    return this.#random.pick([
      "create",
      "apply",
      "apply",
      "update",
      "update",
      "delete",
      "pause",
      "pause",
      "resume",
      "resume",
      "resume",
      "trigger",
      "trigger",
      "explode",
    ]);
  }

  #sent(
    verb: string,
    { tenant, scheduleId, body }: { tenant: string; scheduleId: string; body?: unknown },
  ): Sent {
    const random = this.#random;
    const commandId = random.chance(0.7) ? `${tenant}.c${++this.#count}` : null;
    const headers: Record<string, string> = { "Scheduler-Actor": random.pick(["ada", "bob"]) };
    if (random.chance(0.05)) headers["Scheduler-Expected-Version"] = String(random.between(0, 3));
    if (random.chance(0.05)) headers["Scheduler-Dry-Run"] = "true";
    return { verb, tenant, scheduleId, commandId, headers, body: body ?? this.#body(verb as WriteVerb) };
  }

  #body(verb: WriteVerb): unknown {
    const random = this.#random;
    if (random.chance(0.03)) return { nonsense: true };
    switch (verb) {
      case "create":
      case "apply":
        return this.#definition();
      case "update":
        return this.#patch();
      case "resume":
        return random.pick([undefined, { from: "now" }, { from: "catch_up" }]);
      case "trigger":
        return random.pick([undefined, { payload: { n: random.between(1, 9) } }]);
      default:
        return undefined;
    }
  }

  #patch(): unknown {
    const random = this.#random;
    return random.pick([
      () => ({ payload: { n: random.between(1, 9) } }),
      () => ({ trigger: this.#trigger() }),
      () => ({ jitterSeconds: random.chance(0.5) ? null : this.#beats(0.3) }),
      () => ({ maxExecutions: random.chance(0.5) ? null : random.between(1, 40) }),
      () => ({ endAt: random.chance(0.5) ? null : this.#in(random.between(1, 60)) }),
      () => ({ enabled: random.chance(0.6) }),
      () => ({ misfire: this.#misfire() }),
    ])();
  }

  #definition(): ScheduleDefinition {
    const random = this.#random;
    const lost = random.chance(0.05);
    return {
      trigger: this.#trigger(),
      target: {
        subject: lost
          ? "cmd.lost.letter"
          : random.pick(["cmd.acme.mail", "cmd.acme.report", "cmd.zeta.mail"]),
      },
      payload: { n: random.between(1, 9) },
      misfire: this.#misfire(),
      ...(random.chance(0.3) ? { jitterSeconds: this.#beats(0.3) } : {}),
      ...(random.chance(0.2) ? { maxExecutions: random.between(1, 30) } : {}),
      ...(random.chance(0.1) ? { endAt: this.#in(random.between(2, 80)) } : {}),
      ...(random.chance(0.1) ? { disableAfterFailures: random.between(1, 3) } : {}),
      ...(random.chance(0.3) ? { keepSeconds: random.pick([0, 30, 3_600]) } : {}),
    };
  }

  #trigger(): Trigger {
    const random = this.#random;
    const everySeconds = this.#beats(random.pick([1, 1, 2, 5]));
    const dense = this.#scenario.pace === "dense";
    return random.pick([
      () => ({ type: "interval" as const, everySeconds }),
      () => ({ type: "interval" as const, everySeconds }),
      () => ({ type: "interval" as const, everySeconds, startAt: this.#in(random.between(-20, 20)) }),
      () => ({
        type: "cron" as const,
        expression: dense
          ? random.pick(["*/5 * * * * *", "*/20 * * * * *", "30 * * * * *", "* * * * *"])
          : random.pick(["0 * * * *", "*/30 * * * *", "15 9 * * *", "45 30 */6 * * *"]),
      }),
      () => ({ type: "at" as const, at: this.#in(random.between(-1, 30)) }),
      () => ({ type: "delay" as const, delaySeconds: everySeconds }),
      () => ({ type: random.pick(["immediate", "manual"] as const) }),
    ])();
  }

  #misfire(): NonNullable<ScheduleDefinition["misfire"]> {
    const random = this.#random;
    return {
      policy: random.pick(["skip", "fire_once", "fire_all"]),
      graceSeconds: random.pick([0, 1, this.#beats(1.5), 300, 86_400]),
      maxCatchUp: random.pick([1, 3, 100]),
    };
  }

  /** Seconds; at least a tenth. */
  #beats(count: number): number {
    return Math.max(0.1, Math.round((this.#scenario.beatMs * count) / 100) / 10);
  }

  #in(beats: number): string {
    return new Date(this.#now() + Math.round(beats * this.#scenario.beatMs)).toISOString();
  }

  #remember(sent: Sent): Sent {
    if (sent.commandId !== null) this.#recent.push(sent);
    if (this.#recent.length > REPEATABLE_MAX) this.#recent.shift();
    return sent;
  }
}

/** As a service publishes it, over a connection of its own. */
export function publish(
  server: MemoryServer,
  { verb, tenant, scheduleId, body, headers, commandId }: Sent,
): void {
  const subject = NAMES.command.build({ tenant, verb, scheduleId });
  server.publish({ subject, data: bytesOf(body), headers, id: commandId });
}

export const bytesOf = (body: unknown): Uint8Array =>
  encoder.encode(body === undefined ? "" : JSON.stringify(body));

/** Two tenants; the same id may be in both. */
function address(n: number): { tenant: string; scheduleId: string } {
  return { tenant: n % 3 === 0 ? "zeta" : "acme", scheduleId: `s${n >> 1}` };
}
