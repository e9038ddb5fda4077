/*
 * Trouble between a worker and its nats-server, while a target's command is on its way: the server has it, and the worker
 * does not know. The target's stream forgets message ids after a second, so that a command that is simply sent again
 * would be there twice.
 */

import { setTimeout as delay } from "node:timers/promises";
import { jetstreamManager } from "@nats-io/jetstream";
import { describe, expect, it } from "vitest";
import { type Books, createFleet, inWords, isEven, openBooks } from "../../support/books.ts";
import { ahead, manual, once } from "../../support/definition.ts";
import { say } from "../../support/measure.ts";
import { type LinkProxy, openProxy } from "../../support/proxy.ts";
import { openStack, type Stack, TENANTS } from "../../support/stack.ts";
import { tailOf } from "../../support/stream-tail.ts";
import { openWallClock } from "../../support/wall-clock.ts";
import { whatOf, witnessOf } from "../../support/witness.ts";
import type { Settings, WorkerProcess } from "../../support/worker-process.ts";

const STREAM = "LINK";
const SUBJECT = "cmd.link.send";
const WINDOW_MS = 1_000;
const HOUR_MS = 3_600_000;
const ROUND_TRIP_MS = 2_000;
const ID = "watched";
const SHORT_LEASE: Settings = { LOCK_TIMEOUT_SECONDS: "2" };
/** A worker finds out after two pings, ten seconds apart, that nobody answers. */
const UNANSWERED_MS_MAX = 45_000;

type Finish = (close: () => Promise<void>) => void;

interface Linked {
  readonly stack: Stack;
  readonly proxy: LinkProxy;
  readonly worker: WorkerProcess;
  /** Has the worker fire the schedule once. */
  readonly fire: () => Promise<unknown>;
}

/** A worker behind a proxy, and a stream that captures its target. */
async function openLinked(finish: Finish, settings: Settings = {}, clockMs = 0): Promise<Linked> {
  const entry = { subject: SUBJECT };
  const targets = [...(TENANTS["default"]?.targets ?? []), entry];
  const stack = await openStack({ tenants: { default: { targets } }, settings });
  finish(() => stack.close());
  const proxy = await openProxy(stack.server.port);
  finish(() => proxy.close());
  const manager = await jetstreamManager(stack.nc);
  await manager.streams.add({ name: STREAM, subjects: [SUBJECT], duplicate_window: WINDOW_MS * 1_000_000 });
  const clock = clockMs === 0 ? null : await openWallClock(stack.folder, clockMs);
  const worker = stack.worker({ NATS_URL: proxy.url, ...clock?.settings });
  // libfaketime cleans up where a process ends in order.
  finish(async () => void (await worker.end()));
  await worker.active();
  const target = { subject: SUBJECT };
  const client = stack.client();
  const press = async (): Promise<unknown> => {
    await client.create(ID, manual({ target }));
    return client.durable.trigger(ID);
  };
  // By a clock that is slow nothing falls due for long.
  const wait = () => client.create(ID, once(ahead(1) + clockMs, { target }));
  return { stack, proxy, worker, fire: clockMs < 0 ? press : wait };
}

/**
 * Has one command fired, and `trouble` called when it is on its way to the server, before anything comes back. Answers the
 * commands in the stream and the story of the schedule, once it is settled and another window has passed.
 */
async function fireInto({ stack, proxy, fire }: Linked, trouble: () => void, recover: () => Promise<void>) {
  const witness = await witnessOf(stack.nc);
  const sent = await tailOf(stack.nc, STREAM);
  let begun = false;
  proxy.onSent((text) => {
    if (begun || !text.includes(`PUB ${SUBJECT} `)) return;
    begun = true;
    trouble();
  });
  await fire();
  await sent.until((items) => items.length > 0, "the command");
  expect(witness.story(ID)).toEqual([]);
  await recover();
  const story = await witness.settled(ID, 1, UNANSWERED_MS_MAX);
  await delay(2 * WINDOW_MS);
  await sent.caughtUp();
  await witness.caughtUp();
  return { commands: sent.items, story, final: story.at(-1)?.data };
}

/** The event says where the command is, and that it had been there already. */
function expectOne({ commands, story, final }: Awaited<ReturnType<typeof fireInto>>): void {
  expect(commands).toHaveLength(1);
  expect(story.map(whatOf)).toEqual(["dispatched"]);
  expect(final?.delivered).toEqual({ stream: STREAM, sequence: 1, duplicate: true });
}

describe.concurrent("trouble on the link", () => {
  describe("an answer that is lost", () => {
    it("is asked for again within the window, and the stream drops the repeat", async ({
      onTestFinished,
    }) => {
      const linked = await openLinked(onTestFinished);
      const { proxy } = linked;
      const found = await fireInto(
        linked,
        () => proxy.hold("toClient"),
        async () => {
          proxy.cut();
          proxy.mend();
        },
      );
      expectOne(found);
    });

    it("with everything that the server sends gives one command", { timeout: 90_000 }, async ({
      onTestFinished,
    }) => {
      const linked = await openLinked(onTestFinished, SHORT_LEASE);
      const { proxy, worker } = linked;
      const found = await fireInto(
        linked,
        () => proxy.drop("toClient"),
        async () =>
          void (await worker.log.nth(
            1,
            ({ status }) => status === "reconnect",
            UNANSWERED_MS_MAX,
            "a reconnect",
          )),
      );
      expectOne(found);
      expect((await worker.page("/ready")).status).toBe(200);
    });

    it("on a half-open connection gives one command", { timeout: 90_000 }, async ({ onTestFinished }) => {
      const linked = await openLinked(onTestFinished, SHORT_LEASE);
      const { proxy, worker } = linked;
      const found = await fireInto(
        linked,
        () => proxy.hold("toClient"),
        async () => {
          proxy.halfOpen();
          proxy.release("toClient");
          expect((await worker.page("/live")).status).toBe(200);
          await worker.log.nth(1, ({ status }) => status === "reconnect", UNANSWERED_MS_MAX, "a reconnect");
        },
      );
      expectOne(found);
    });
  });

  describe("a link that is cut between a command and its acknowledgement", () => {
    it.for([
      ["for longer than the window", 2.5 * WINDOW_MS, {}, 0],
      ["for longer than the window and the lease", 3.5 * WINDOW_MS, SHORT_LEASE, 0],
      ["for longer than the window, where the worker's clock is an hour fast", 2.5 * WINDOW_MS, {}, HOUR_MS],
      [
        "for longer than the window and the lease, where it is an hour fast",
        3.5 * WINDOW_MS,
        SHORT_LEASE,
        HOUR_MS,
      ],
      [
        "for longer than the window and the lease, where it is an hour slow",
        3.5 * WINDOW_MS,
        SHORT_LEASE,
        -HOUR_MS,
      ],
    ] as const)(
      "%s gives one command",
      { timeout: 60_000 },
      async ([_, cutMs, settings, clockMs], { onTestFinished }) => {
        const linked = await openLinked(onTestFinished, settings, clockMs);
        const { proxy } = linked;
        const found = await fireInto(
          linked,
          () => proxy.hold("toClient"),
          async () => {
            proxy.cut();
            await delay(cutMs);
            proxy.mend();
          },
        );
        expectOne(found);
      },
    );
  });

  describe("a slow link", () => {
    const slowDown = (proxy: LinkProxy): void => {
      proxy.delay("toServer", ROUND_TRIP_MS / 2);
      proxy.delay("toClient", ROUND_TRIP_MS / 2);
    };
    /** `suffer`: while it is slow. */
    const expectEven = async (
      { stack, proxy, worker }: Linked,
      suffer: (books: Books) => Promise<unknown>,
    ): Promise<void> => {
      const fleet = await createFleet(stack.client(), { name: "slow", size: 20, everyMs: 500 });
      const books = await openBooks(stack.nc, fleet);
      await books.more(40);
      slowDown(proxy);
      await suffer(books);
      proxy.mend();
      await books.more(80);
      const balance = await books.close(stack.client());
      say(`${ROUND_TRIP_MS} ms there and back: ${inWords(balance)}; lag ${books.lag}`);
      expect(isEven(balance)).toBe(true);
      expect(worker.log.items.filter(({ level }) => level === "error")).toEqual([]);
    };

    it("makes everything late, and loses and doubles nothing", { timeout: 90_000 }, async ({
      onTestFinished,
    }) => {
      const linked = await openLinked(onTestFinished, { LOCK_TIMEOUT_SECONDS: "10" });
      await expectEven(linked, (books) => books.more(200));
    });

    it("on which a lease cannot be kept only delays", { timeout: 90_000 }, async ({ onTestFinished }) => {
      const linked = await openLinked(onTestFinished, SHORT_LEASE);
      const lost = ({ msg }: { msg: string }): boolean => msg.startsWith("lease lost");
      await expectEven(linked, () => linked.worker.log.nth(1, lost, 30_000, "that the lease is lost"));
    });
  });
});
