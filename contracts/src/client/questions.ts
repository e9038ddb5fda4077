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
} from "../generated/types.ts";
import type { TenantVerb } from "../subjects/index.ts";
import { CarillonError, failure } from "./carillon-error.ts";
import type { Context } from "./context.ts";
import { accepted } from "./reply.ts";
import { ask, assertName } from "./request.ts";

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
  /** How the whole installation does. */
  status(): Promise<StatusReply>;
}

/** How often `each` asks for one page. */
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
    status: () => askTenant(context, "status", undefined),
  };
};

const get = async (
  { nc, tenant, subjects, timeoutMs }: Context,
  scheduleId: string,
): Promise<ScheduleView> => {
  assertName("scheduleId", scheduleId);
  const subject = subjects.rpc.build({ tenant, verb: "get", scheduleId });
  const reply = await ask(nc, { subject, body: undefined, commandId: null, timeoutMs, headers: {} });
  return accepted<GetReply>(reply, null, subject).schedule;
};

const preview = async (
  context: Context,
  of: Trigger | string,
  options: PreviewOptions,
): Promise<PreviewReply> => {
  if (typeof of !== "string") return askTenant(context, "preview", { trigger: of, ...options });
  assertName("scheduleId", of);
  const { nc, tenant, subjects, timeoutMs } = context;
  const subject = subjects.rpc.build({ tenant, verb: "preview", scheduleId: of });
  const reply = await ask(nc, { subject, body: options, commandId: null, timeoutMs, headers: {} });
  return accepted<PreviewReply>(reply, null, subject);
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

const wholePage = async <Item>(
  list: (filters: ListBody) => Promise<Page<Item>>,
  filters: ListBody,
): Promise<Page<Item>> => {
  for (let tries = 1; ; tries++) {
    const page = await list(filters).catch(orPassing);
    if (!(page instanceof CarillonError) && page.complete) return page;
    const fault = page instanceof CarillonError ? page : failure("partition_unavailable", INCOMPLETE, null);
    if (tries === TRIES) throw fault;
    await new Promise((resume) => setTimeout(resume, fault.retryAfterMs ?? AGAIN_MS));
  }
};

const INCOMPLETE = "some partitions did not answer, so the list may be incomplete";

const orPassing = (error: unknown): CarillonError => {
  if (error instanceof CarillonError && error.retryable) return error;
  throw error;
};
