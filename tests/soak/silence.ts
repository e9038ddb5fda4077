/**
 * A link on which nothing is heard any more, and that nobody closes: what the server sends is lost, or the server's side of
 * the connection is gone without a word. A worker notices after two pings, ten seconds apart.
 */

import { isDeepStrictEqual } from "node:util";
import { fireInto, type Linked, ONE, openLinked, SHORT_LEASE, UNANSWERED_MS_MAX } from "../support/linked.ts";
import type { Report } from "./report.ts";

/** What happens to the link while a command is on its way to the server. */
const TROUBLES: Readonly<Record<string, { begin(linked: Linked): void; stored(linked: Linked): void }>> = {
  "everything that the server sends is lost": {
    begin: ({ proxy }) => proxy.drop("toClient"),
    stored: () => {},
  },
  "the connection is half open": {
    begin: ({ proxy }) => proxy.hold("toClient"),
    stored: ({ proxy }) => {
      proxy.halfOpen();
      proxy.release("toClient");
    },
  },
};

export async function soakSilence(): Promise<Report> {
  const reports = await Promise.all(
    Object.entries(TROUBLES).map(async ([what, { begin, stored }]): Promise<Report> => {
      await using closing = new AsyncDisposableStack();
      const linked = await openLinked((close) => void closing.defer(close), SHORT_LEASE);
      const { worker } = linked;
      const beganMs = performance.now();
      const told = await fireInto(
        linked,
        () => begin(linked),
        async () => {
          stored(linked);
          await worker.log.nth(1, ({ status }) => status === "reconnect", UNANSWERED_MS_MAX, "a reconnect");
        },
      );
      const tookMs = Math.round(performance.now() - beganMs);
      const { status } = await worker.page("/ready");
      return {
        lines: [`${what}: noticed, and told after ${tookMs} ms: ${JSON.stringify(told)}`],
        faults: [
          ...(isDeepStrictEqual(told, ONE) ? [] : [`${what}: expected ${JSON.stringify(ONE)}`]),
          ...(status === 200 ? [] : [`${what}: /ready is ${status}`]),
        ],
      };
    }),
  );
  return {
    lines: reports.flatMap(({ lines }) => lines),
    faults: reports.flatMap(({ faults }) => faults),
  };
}
