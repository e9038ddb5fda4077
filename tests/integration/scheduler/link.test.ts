/*
 * Trouble between a worker and its nats-server, while a target's command is on its way. What takes a worker half a minute
 * to notice is in the soak run.
 */

import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { type Books, createFleet, inWords, isEven, openBooks } from "../../support/books.ts";
import { fireInto, type Linked, ONE, openLinked, SHORT_LEASE, WINDOW_MS } from "../../support/linked.ts";
import { say } from "../../support/measure.ts";
import type { LinkProxy } from "../../support/proxy.ts";

const HOUR_MS = 3_600_000;
const ROUND_TRIP_MS = 2_000;

describe.concurrent("trouble on the link", () => {
  // The slowest first, since only some run at once.
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
      expect(found).toEqual(ONE);
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
        expect(found).toEqual(ONE);
      },
    );
  });
});
