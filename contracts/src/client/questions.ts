/*
 * The verbs that ask. They change nothing, so whatever fails may be asked again; a walk over a whole list does
 * that by itself, for as long as another worker may need to take over.
 */
import type {
  GetReply,
  ListBody,
  ListReply,
  PreviewReply,
  ScheduleSummary,
  ScheduleView,
  StatusReply,
  Trigger,
  VerifyBody,
  VerifyReply,
} from "../generated/types.ts";
import type { ScheduleVerb, TenantVerb } from "../subjects/index.ts";
import { CarillonError, failure } from "./carillon-error.ts";
import type { Context } from "./context.ts";
import { accepted } from "./reply.ts";
import { ask, assertName } from "./request.ts";
import { type Interval, type Verified, verifyAll } from "./verification.ts";

export interface PreviewOptions {
  /** 1 to 1000; default 10. */
  readonly count?: number;
  /** Instants strictly after this one (RFC 3339); default: now. */
  readonly after?: string;
}

/** Conditions of a list, which must all hold. */
export type ListFilters = ListBody & { readonly full?: false };

/** The same, and whole schedules are wanted. */
export type FullListFilters = ListBody & { readonly full: true };

/** One page; `cursor` of null: the last one. */
export type Page<Item> = Omit<ListReply, "items"> & { readonly items: readonly Item[] };

export interface Questions {
  /** The schedule, or CarillonError `not_found`. */
  get(scheduleId: string): Promise<ScheduleView>;
  /** The next instants of a trigger, or of the schedule with this id. */
  preview(of: Trigger | string, options?: PreviewOptions): Promise<PreviewReply>;
  /** One page, in the order of scheduleIds. */
  list(filters: FullListFilters): Promise<Page<ScheduleView>>;
  list(filters?: ListFilters): Promise<Page<ScheduleSummary>>;
  /**
   * All of them, page after page: those that are there all the time exactly once. A page that a takeover delays or leaves incomplete is
   * asked for again, at most TRIES times, then CarillonError. What `list` would only warn of is left out.
   */
  each(filters: FullListFilters): AsyncIterableIterator<ScheduleView>;
  each(filters?: ListFilters): AsyncIterableIterator<ScheduleSummary>;
  /**
   * The account of a part of time, of one schedule or of the whole tenant: what was planned, and what became of it. Answers that cover a
   * part are summed; one that fails in passing is asked for again, at most TRIES times.
   */
  verify(interval: Interval, scheduleId?: string): Promise<Verified>;
  /** How the whole installation does. */
  status(): Promise<StatusReply>;
}

/** How often one page, or one part of an account, is asked for. */
const TRIES = 10;

/** Milliseconds between two tries, where the scheduler gives no advice. */
const AGAIN_MS = 1000;

export const questionsOver = (context: Context): Questions => {
  const list = (filters: ListBody = {}): Promise<Page<never>> => askTenant(context, "list", filters);
  return {
    get: (scheduleId) => get(context, scheduleId),
    preview: (of, options) => preview(context, of, options ?? {}),
    list,
    each: (filters: ListBody = {}) => each(list, filters),
    verify: (interval, scheduleId) => {
      const part = (body: VerifyBody): Promise<VerifyReply> =>
        scheduleId === undefined
          ? askTenant(context, "verify", body)
          : askSchedule(context, { verb: "verify", scheduleId }, body);
      return verifyAll((body) => patiently(() => part(body)), interval);
    },
    status: () => askTenant(context, "status", undefined),
  };
};

const get = async (context: Context, scheduleId: string): Promise<ScheduleView> =>
  (await askSchedule<GetReply>(context, { verb: "get", scheduleId }, undefined)).schedule;

const preview = (context: Context, of: Trigger | string, options: PreviewOptions): Promise<PreviewReply> =>
  typeof of === "string"
    ? askSchedule(context, { verb: "preview", scheduleId: of }, options)
    : askTenant(context, "preview", { trigger: of, ...options });

const askSchedule = async <Reply extends { readonly ok: true }>(
  { nc, tenant, subjects, timeoutMs }: Context,
  { verb, scheduleId }: { verb: ScheduleVerb; scheduleId: string },
  body: unknown,
): Promise<Reply> => {
  assertName("scheduleId", scheduleId);
  const subject = subjects.rpc.build({ tenant, verb, scheduleId });
  const reply = await ask(nc, { subject, body, commandId: null, timeoutMs, headers: {} });
  return accepted<Reply>(reply, null, subject);
};

const askTenant = async <Reply extends { readonly ok: true }>(
  { nc, tenant, subjects, timeoutMs }: Context,
  verb: TenantVerb,
  body: unknown,
): Promise<Reply> => {
  const subject = subjects.rpcTenant.build({ tenant, verb });
  const reply = await ask(nc, { subject, body, commandId: null, timeoutMs, headers: {} });
  return accepted<Reply>(reply, null, subject);
};

async function* each<Item>(
  list: (filters: ListBody) => Promise<Page<Item>>,
  filters: ListBody,
): AsyncGenerator<Item, void, undefined> {
  let cursor = filters.cursor ?? null;
  do {
    const page = await wholePage(list, { ...filters, cursor });
    yield* page.items;
    cursor = page.cursor;
  } while (cursor !== null);
}

const wholePage = <Item>(
  list: (filters: ListBody) => Promise<Page<Item>>,
  filters: ListBody,
): Promise<Page<Item>> =>
  patiently(async () => {
    const page = await list(filters);
    if (page.complete) return page;
    throw failure("partition_unavailable", INCOMPLETE, null);
  });

const INCOMPLETE = "some partitions did not answer, so the list may be incomplete";

/** Asks again after a failure that may pass; throws the last one. */
const patiently = async <Reply>(asking: () => Promise<Reply>): Promise<Reply> => {
  for (let tries = 1; ; tries++) {
    try {
      return await asking();
    } catch (error) {
      if (!(error instanceof CarillonError && error.retryable) || tries === TRIES) throw error;
      await new Promise((resume) => setTimeout(resume, error.retryAfterMs ?? AGAIN_MS));
    }
  }
};
