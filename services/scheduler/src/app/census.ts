/**
 * Counts the schedules that a worker holds: for the limits of tenants and creators, and for the gauges. One that is being stored counts
 * already, so that a limit holds however many are created at once. Those that are alike share their place here, so that counting one costs
 * no memory.
 */

import type { StateRecord } from "@carillon/contracts";
import type { Schedule } from "../domain/schedule.ts";
import type { Held } from "./held.ts";

export interface Place {
  readonly tenant: string;
  readonly creator: string;
  readonly type: string;
  readonly status: StateRecord["status"];
}

/** A place that is taken, shared by all who are there. */
export interface Post extends Place {
  /** What it is counted under. */
  readonly kind: string;
  readonly of: string;
  /** How many they are; the census alone counts them. */
  count: number;
}

export class Census {
  readonly #posts = new Map<string, Post>();
  /** The one that was taken last: many who come one after the other are alike. */
  #lastPost: Post | null = null;
  readonly #tenants = new Map<string, number>();
  readonly #creators = new Map<string, number>();
  readonly #kinds = new Map<string, number>();
  /** Tenants and creators whose counts others do not know yet. */
  readonly #changed = new Set<string>();
  #total = 0;

  /** The schedule as it stands now; a cold one stands where it stood. */
  note(held: Held): void {
    if (held.cold) return;
    const schedule = held.expected;
    if (schedule !== null && held.post !== null && standsAt(held.post, schedule)) return;
    this.move(held, schedule === null ? null : placeOf(schedule));
  }

  /** Null, or a place of what is deleted: it does not count. */
  move(held: Held, place: Place | null): void {
    const counted = place?.status === "deleted" ? null : place;
    if (isSame(held.post, counted)) return;
    this.remove(held);
    if (counted === null) return;
    held.post = this.#postOf(counted);
    this.#count(held.post, 1);
  }

  remove(held: Held): void {
    const { post } = held;
    if (post === null) return;
    held.post = null;
    this.#count(post, -1);
    if (post.count > 0) return;
    this.#posts.delete(keyOf(post));
    this.#lastPost = null;
  }

  count(tenant: string, creator: string): { tenant: number; creator: number } {
    return {
      tenant: this.#tenants.get(tenant) ?? 0,
      creator: this.#creators.get(creatorKey(tenant, creator)) ?? 0,
    };
  }

  /** Schedules that count against limits: `<tenant>` of a whole tenant, `<tenant>.<creator>` of one creator. */
  *counts(): Generator<readonly [of: string, count: number]> {
    yield* this.#tenants;
    yield* this.#creators;
  }

  /** Up to `countMax` of those whose count has changed since it was last taken. */
  takeChanged(countMax: number): string[] {
    const taken: string[] = [];
    for (const of of this.#changed) {
      if (taken.length === countMax) break;
      taken.push(of);
      this.#changed.delete(of);
    }
    return taken;
  }

  /** Of what `counts` names; 0: none. */
  countOf(of: string): number {
    return this.#tenants.get(of) ?? this.#creators.get(of) ?? 0;
  }

  /** All of them. */
  get total(): number {
    return this.#total;
  }

  /** Number of schedules by `<type> <status>`. */
  get kinds(): ReadonlyMap<string, number> {
    return this.#kinds;
  }

  #postOf(place: Place): Post {
    if (this.#lastPost !== null && isSame(this.#lastPost, place)) return this.#lastPost;
    const key = keyOf(place);
    const { tenant, creator, type, status } = place;
    const made = (): Post => ({
      ...place,
      kind: `${type} ${status}`,
      of: creatorKey(tenant, creator),
      count: 0,
    });
    const post = this.#posts.get(key) ?? made();
    this.#posts.set(key, post);
    this.#lastPost = post;
    return post;
  }

  #count(post: Post, by: number): void {
    const { tenant, status, kind, of } = post;
    post.count += by;
    this.#total += by;
    bump(this.#kinds, kind, by);
    // Completed ones do not count against limits.
    if (status === "completed") return;
    bump(this.#tenants, tenant, by);
    bump(this.#creators, of, by);
    this.#changed.add(tenant).add(of);
  }
}

export const placeOf = ({ record, state }: Schedule): Place => ({
  tenant: record.tenant,
  creator: record.createdBy,
  type: record.effective.trigger.type,
  status: state.status,
});

/** The same as to compare their places, and mostly true. */
const standsAt = (post: Post, { record, state }: Schedule): boolean =>
  post.status === state.status &&
  post.type === record.effective.trigger.type &&
  post.creator === record.createdBy &&
  post.tenant === record.tenant;

const isSame = (one: Place | null, other: Place | null): boolean =>
  one === other ||
  (one !== null &&
    other !== null &&
    one.status === other.status &&
    one.type === other.type &&
    one.creator === other.creator &&
    one.tenant === other.tenant);

/** The creator comes last, since it may hold anything. */
const keyOf = ({ tenant, creator, type, status }: Place): string => `${tenant} ${type} ${status} ${creator}`;

const creatorKey = (tenant: string, creator: string): string => `${tenant}.${creator}`;

function bump(counts: Map<string, number>, key: string, by: number): void {
  const count = (counts.get(key) ?? 0) + by;
  if (count === 0) counts.delete(key);
  else counts.set(key, count);
}
