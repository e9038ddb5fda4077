/** What the buckets of schedules promise. */

import { names } from "@carillon/contracts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Abandoned, type Bucket, type Store, type Stored } from "../../services/scheduler/src/app/ports.ts";
import { always, type Bench, count, type Open, textOf, type Worker } from "./bench.ts";

const PARTITIONS = 8;
const { keys, buckets } = names();

export function storeConformance(name: string, open: Open): void {
  describe(`the store of ${name}`, () => {
    let bench: Bench;
    let worker: Worker;
    let store: Store;
    beforeAll(async () => {
      bench = await open({ partitions: PARTITIONS });
      worker = await bench.worker();
      store = worker.ports.store;
    });
    afterAll(() => bench?.close());

    const write = (key: string, value: string, expected: number | null = null, bucket: Bucket = "state") =>
      bench.done(store.write(bucket, key, value, expected, always));
    const purge = (key: string, expected: number | null = null) =>
      bench.done(store.purge("state", key, expected, always));
    /** The revision. */
    async function put(key: string, value: string, bucket: Bucket = "state"): Promise<number> {
      const written = await write(key, value, null, bucket);
      if (written.kind !== "written") throw new Error(written.kind);
      return written.revision;
    }
    const read = (key: string) => bench.done(store.read("state", key));
    const valueAt = async (key: string) => textOf((await read(key))?.value);
    const lastRevision = (key: string) => bench.done(store.lastRevision("state", key));
    async function loaded(partitions: readonly number[]): Promise<Map<string, string>> {
      const found = new Map<string, string>();
      const hear = ({ key, value }: Stored): void => void found.set(key, textOf(value));
      await bench.done(store.load("state", partitions, hear, () => found.clear()));
      return found;
    }

    describe("a write", () => {
      it("is stale unless it names the last revision", async () => {
        const first = await write("0.acme.cas", "one", 0);
        if (first.kind !== "written") throw new Error(first.kind);
        expect(await write("0.acme.cas", "again", 0)).toEqual({ kind: "stale" });
        expect(await write("0.acme.cas", "two", first.revision)).toMatchObject({ kind: "written" });
        expect(await write("0.acme.cas", "late", first.revision)).toEqual({ kind: "stale" });
        expect(await valueAt("0.acme.cas")).toBe("two");
        expect(await write("0.acme.none", "one", first.revision)).toEqual({ kind: "stale" });
        expect(await read("0.acme.none")).toBeNull();
      });

      it("goes through whatever was there where it expects nothing", async () => {
        const first = await put("0.acme.any", "one");
        const second = await put("0.acme.any", "two");
        expect(second).toBeGreaterThan(first);
        expect(await lastRevision("0.acme.any")).toBe(second);
      });

      it("creates a key again after it was purged, by 0 or by the revision of the mark", async () => {
        for (const isMark of [false, true]) {
          const key = `0.acme.gone-${isMark}`;
          await put(key, "one");
          await purge(key);
          expect(await read(key)).toBeNull();
          const mark = await lastRevision(key);
          expect(mark).toBeGreaterThan(0);
          expect(await write(key, "two", isMark ? mark : 0)).toMatchObject({ kind: "written" });
          expect(await valueAt(key)).toBe("two");
        }
      });

      it("is never made once its guard is false", async () => {
        const refused = store.write("state", "0.acme.guarded", "one", null, () => false);
        await expect(bench.done(refused)).rejects.toBeInstanceOf(Abandoned);
        expect(await lastRevision("0.acme.guarded")).toBe(0);
      });

      it("is stale against itself where the answer was lost, and its value is there", async () => {
        const other = await bench.worker();
        worker.deafen();
        const writing = store.write("state", "0.acme.half", "mine", 0, always);
        const heard = () => other.ports.store.read("state", "0.acme.half");
        await bench.until(async () => (await bench.done(heard())) !== null);
        await worker.cut();
        await worker.mend();
        expect(await bench.done(writing)).toEqual({ kind: "stale" });
        expect(await valueAt("0.acme.half")).toBe("mine");
      });
    });

    describe("a purge", () => {
      it("is stale where the key was written meanwhile, and else takes the key away", async () => {
        const first = await put("0.acme.anew", "tombstone");
        const second = await put("0.acme.anew", "anew");
        expect(await purge("0.acme.anew", first)).toEqual({ kind: "stale" });
        expect(await valueAt("0.acme.anew")).toBe("anew");
        expect(await purge("0.acme.anew", second)).toMatchObject({ kind: "written" });
        expect(await read("0.acme.anew")).toBeNull();
      });

      it("takes the history along", async () => {
        const first = await put("0.acme.versioned", "v1", "schedules");
        await put("0.acme.versioned", "v2", "schedules");
        await bench.done(store.purge("schedules", "0.acme.versioned", null, always));
        expect(await bench.done(store.readRevision("schedules", "0.acme.versioned", first))).toBeNull();
        const mark = await bench.done(store.lastRevision("schedules", "0.acme.versioned"));
        expect(await bench.done(store.readRevision("schedules", "0.acme.versioned", mark))).toBeNull();
      });
    });

    describe("revisions", () => {
      it("are read by their number, of their own key only", async () => {
        const first = await put("0.acme.versions", "v1", "schedules");
        await put("0.acme.versions", "v2", "schedules");
        const other = await put("0.acme.other", "x", "schedules");
        const revision = (number: number) =>
          bench.done(store.readRevision("schedules", "0.acme.versions", number));
        expect(textOf((await revision(first))?.value)).toBe("v1");
        expect(await revision(other)).toBeNull();
        expect(await revision(999_999)).toBeNull();
      });

      it("are read many at once, in the order asked, those that are gone or of other keys as none", async () => {
        const wanted: { key: string; revision: number }[] = [];
        for (const n of count(600)) {
          const key = `0.acme.bulk-${n % 200}`;
          wanted.push({ key, revision: await put(key, `value ${n}`, "schedules") });
        }
        const [first = { key: "", revision: 0 }] = wanted;
        const none = [
          { ...first, key: "0.acme.bulk-1" },
          { ...first, revision: 999_999 },
        ];
        const asked = [...wanted.toReversed(), ...none];
        const found = await bench.done(store.readRevisions("schedules", asked));
        const values = [
          ...count(600)
            .toReversed()
            .map((n) => `value ${n}`),
          null,
          null,
        ];
        expect(found.map((stored) => stored && textOf(stored.value))).toEqual(values);
        const one = await bench.done(store.readRevision("schedules", first.key, first.revision));
        expect(found[599]).toEqual(one);
        expect(await bench.done(store.readRevisions("schedules", []))).toEqual([]);
      });

      it("are as gone where a purge took them, and its mark is none, for whoever asks for many", async () => {
        const [first, last] = [await put("0.acme.bulk-gone", "one"), await put("0.acme.bulk-gone", "two")];
        const key = "0.acme.bulk-gone";
        const bulk = async (...revisions: number[]) => {
          const wanted = revisions.map((revision) => ({ key, revision }));
          const found = await bench.done(store.readRevisions("state", wanted));
          return found.map((stored) => stored && textOf(stored.value));
        };
        expect(await bulk(first, last)).toEqual([null, "two"]);
        await purge(key);
        expect(await bulk(last, await lastRevision(key))).toEqual([null, null]);
      });

      it("are read although the link dropped in their midst", async () => {
        const wanted: { key: string; revision: number }[] = [];
        for (const n of count(50)) {
          const key = `0.acme.cut-${n}`;
          wanted.push({ key, revision: await put(key, key) });
        }
        const reading = store.readRevisions("state", wanted);
        await worker.cut();
        await worker.mend();
        const found = await bench.done(reading);
        expect(found.map((stored) => stored?.key)).toEqual(wanted.map(({ key }) => key));
      });

      it("are gone beyond the last twenty of a definition, and beyond the last one of a state", async () => {
        const kept = (bucket: Bucket, revision: number) =>
          bench.done(store.readRevision(bucket, "0.acme.many", revision));
        const versions: number[] = [];
        for (const n of count(21)) versions.push(await put("0.acme.many", `v${n}`, "schedules"));
        expect(await kept("schedules", versions[0] ?? 0)).toBeNull();
        expect(textOf((await kept("schedules", versions[1] ?? 0))?.value)).toBe("v1");
        const [first, last] = [await put("0.acme.many", "one"), await put("0.acme.many", "two")];
        expect(await kept("state", first)).toBeNull();
        expect(textOf((await kept("state", last))?.value)).toBe("two");
      });
    });

    describe("a load", () => {
      it("gives the last values of the wanted partitions, with their terms, and nothing purged", async () => {
        for (const partition of [1, 2, 3]) {
          await put(`${partition}.acme.kept`, "old");
          await put(`${partition}.acme.kept`, `new ${partition}`);
          await put(`${partition}.acme.purged`, "away");
          await purge(`${partition}.acme.purged`);
          await put(`term.${partition}`, `term ${partition}`);
        }
        expect(Object.fromEntries(await loaded([2]))).toEqual({ "2.acme.kept": "new 2", "term.2": "term 2" });
        expect([...(await loaded([1, 3])).keys()].sort()).toEqual([
          "1.acme.kept",
          "3.acme.kept",
          "term.1",
          "term.3",
        ]);
        expect((await loaded([7])).size).toBe(0);
        expect((await loaded([])).size).toBe(0);
      });

      it("of all partitions also gives what stands under keys of other forms", async () => {
        await put("odd", "one");
        expect((await loaded(count(PARTITIONS))).get("odd")).toBe("one");
        expect((await loaded([0])).has("odd")).toBe(false);
      });

      it("names the revision of each value, and when it was stored", async () => {
        const revision = await put("4.acme.dated", "x");
        const all: Stored[] = [];
        await bench.done(store.load("state", [4], (stored) => all.push(stored)));
        expect(all).toMatchObject([{ key: "4.acme.dated", revision }]);
        expect(all).toEqual([await read("4.acme.dated")]);
      });

      it("is complete although the link dropped in its midst", async () => {
        // More than comes in one piece.
        await Promise.all(count(300).map((n) => put(`5.acme.s${n}`, "x".repeat(1_000))));
        const found = new Set<string>();
        let [restarts, seen] = [0, 0];
        let mending: Promise<void> = Promise.resolve();
        const drop = async (): Promise<void> => {
          await worker.cut();
          await worker.mend();
        };
        const hear = ({ key }: Stored): void => {
          found.add(key);
          if (++seen === 50) mending = drop();
        };
        const restarted = (): void => {
          restarts++;
          found.clear();
        };
        await bench.done(store.load("state", [5], hear, restarted));
        await bench.done(mending);
        expect(restarts).toBeGreaterThan(0);
        expect(found.size).toBe(300);
      });
    });

    it("dates what it stores by the clock that it shows", async () => {
      const beforeAt = await bench.done(store.serverNow());
      await put("6.acme.dated", "x");
      const afterAt = await bench.done(store.serverNow());
      const storedAt = (await read("6.acme.dated"))?.storedAt ?? 0;
      expect(storedAt).toBeGreaterThanOrEqual(beforeAt);
      expect(storedAt).toBeLessThanOrEqual(afterAt);
    });

    it("refuses what does not fit into a full bucket, and takes what is no larger than what it replaces", async () => {
      await put("7.acme.fits", "x".repeat(500));
      await bench.fill(keys.stream(buckets.state));
      const full = { kind: "refused", code: "stream_full" };
      expect(await write("7.acme.more", "y".repeat(500), 0)).toMatchObject(full);
      expect(await write("7.acme.fits", "y".repeat(800))).toMatchObject(full);
      expect(await write("7.acme.fits", "y".repeat(500))).toMatchObject({ kind: "written" });
      expect(await purge("7.acme.fits")).toMatchObject({ kind: "written" });
    });
  });
}
