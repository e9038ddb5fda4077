/**
 * One look through what is held, for one page of a list. Of a cold schedule a glimpse may be enough; else it is read, many at a time, and
 * not kept. What is shown is read as it stands now, whoever has written it meanwhile.
 */

import type { ListBody } from "@carillon/contracts";
import { readCursor } from "../domain/cursor.ts";
import { Front } from "../domain/front.ts";
import type { EpochMs } from "../domain/instant.ts";
import { LIMIT_DEFAULT } from "../domain/page.ts";
import type { Schedule } from "../domain/schedule.ts";
import { type Selector, type Sieve, sieveOf } from "../domain/selector.ts";
import type { Held } from "./held.ts";
import type { Opened, Records, Shelved } from "./records.ts";

/** Cold schedules that are read at once. */
const READ_MAX = 256;

export interface Found {
  scheduleId: string;
  /** Null: its record cannot be read. */
  schedule: Schedule | null;
}

/** `shelved`: where it is to be read. */
type Candidate = (Found & { shelved: null }) | { scheduleId: string; shelved: Shelved };

export class Search {
  readonly #records: Pick<Records, "currentAll">;
  readonly #tenant: string;
  readonly #selector: Selector;
  readonly #sieve: Sieve;
  readonly #front: Front<Candidate>;
  readonly #unread: { scheduleId: string; shelved: Shelved }[] = [];

  constructor(
    records: Pick<Records, "currentAll">,
    { tenant, body, selector }: { tenant: string; body: ListBody; selector: Selector },
  ) {
    const { limit = LIMIT_DEFAULT, cursor = null } = body;
    this.#records = records;
    this.#tenant = tenant;
    this.#selector = selector;
    this.#sieve = sieveOf(body);
    this.#front = new Front({ limit, after: cursor === null ? null : readCursor(cursor) });
  }

  /** True: so many wait to be read that `read` is to be called. */
  consider(held: Held, wakesAt: (held: Held) => EpochMs | null): boolean {
    const { tenant, scheduleId, schedule, shelved, post } = held;
    if (tenant !== this.#tenant || !this.#front.wants(scheduleId)) return false;
    if (held.setAside) this.#front.add({ scheduleId, schedule: null, shelved: null });
    else if (schedule !== null && this.#selector(schedule))
      this.#front.add({ scheduleId, schedule, shelved: null });
    if (shelved === null || post === null) return false;
    const { status, type, creator } = post;
    if (!this.#sieve.passes({ status, type, createdBy: creator, wakeAt: wakesAt(held) })) return false;
    if (this.#sieve.decides) this.#front.add({ scheduleId, shelved });
    else this.#unread.push({ scheduleId, shelved });
    return this.#unread.length >= READ_MAX;
  }

  /** Reads those that wait to be. */
  async read(): Promise<void> {
    const unread = this.#unread.splice(0);
    if (unread.length === 0) return;
    const opened = await this.#records.currentAll(unread.map(({ shelved }) => shelved));
    for (const [place, { scheduleId }] of unread.entries()) {
      const [found] = this.#foundIn(scheduleId, opened[place] ?? null);
      if (found !== undefined && this.#front.wants(scheduleId)) this.#front.add({ ...found, shelved: null });
    }
  }

  /** The page, in order. `more`: there are others after it. */
  async first(): Promise<{ items: readonly Found[]; more: boolean }> {
    const { items, more } = this.#front.first();
    const opened = await this.#records.currentAll(items.flatMap(({ shelved }) => shelved ?? []));
    const read = opened.values();
    const found = items.flatMap((item) =>
      item.shelved === null ? [item] : this.#foundIn(item.scheduleId, read.next().value ?? null),
    );
    return { items: found, more };
  }

  /** Nothing where it is gone, or no longer asked for. */
  #foundIn(scheduleId: string, opened: Opened | null): Found[] {
    if (opened?.ok === false) return [{ scheduleId, schedule: null }];
    return opened !== null && this.#selector(opened.schedule)
      ? [{ scheduleId, schedule: opened.schedule }]
      : [];
  }
}
