/*
 * The client's events against a real nats-server. The scheduler's side is played by plain publishes, into the two streams in which it
 * keeps its events.
 */

import { names } from "@carillon/contracts";
import { type Client, createClient, type EventOptions } from "@carillon/contracts/client";
import { type NatsServer, startNats } from "@carillon/local";
import { jetstreamManager } from "@nats-io/jetstream";
import { connect, type NatsConnection } from "@nats-io/transport-node";
import { afterAll, beforeAll, describe, expect, expectTypeOf, it } from "vitest";

const { streams, event: form, executionEvents, auditEvents } = names();

let server: NatsServer;
/** The scheduler's, and the user's. */
let theirs: NatsConnection;
let mine: NatsConnection;

beforeAll(async () => {
  server = await startNats({ ignoreEnvironment: true });
  const patient = { servers: server.url, maxReconnectAttempts: -1, reconnectTimeWait: 50 };
  theirs = await connect(patient);
  mine = await connect(patient);
  const manager = await jetstreamManager(theirs);
  await manager.streams.add({ name: streams.executions, subjects: [executionEvents] });
  await manager.streams.add({ name: streams.audit, subjects: [...auditEvents] });
});
afterAll(async () => {
  await mine?.close();
  await theirs?.close();
  await server?.stop();
});

/** Tests use a tenant each, so that they do not meet. */
const clientOf = (tenant: string): Client => createClient(mine, { tenant });

interface Told {
  tenant: string;
  id: string;
  entity?: string;
  what?: string;
  scheduleId?: string;
}

const bodyOf = ({ id, entity = "execution", what = "dispatched" }: Told): string =>
  JSON.stringify({ specversion: "1.0", id, type: `io.carillon.${entity}.${what}.v1`, data: { id } });

const subjectOf = ({ tenant, entity = "execution", what = "dispatched", scheduleId = "x" }: Told): string =>
  form.build({ tenant, entity, what, scheduleId });

/** Stored by its stream, as the scheduler's are. */
const tell = async (told: Told): Promise<void> =>
  void (await theirs.request(subjectOf(told), bodyOf(told), { timeout: 10_000 }));

async function take<T extends { readonly id: string }>(
  feed: AsyncIterable<T>,
  count: number,
): Promise<string[]> {
  const ids: string[] = [];
  for await (const { id } of feed) if (ids.push(id) === count) break;
  return ids;
}

const numbered = (count: number, from = 0): string[] =>
  Array.from({ length: count }, (_, n) => `e${from + n}`);

describe("events from now on", () => {
  it("are those of the tenant, as they are told, and not those before", async () => {
    await tell({ tenant: "now", id: "before" });
    const feed = clientOf("now").events();
    await mine.flush();
    await tell({ tenant: "other", id: "foreign" });
    await tell({ tenant: "now", id: "one" });
    await tell({ tenant: "now", id: "two", entity: "schedule", what: "created" });
    const first = await feed.next();
    expect(first.value).toMatchObject({ id: "one", sequence: null, data: { id: "one" } });
    expect(await take(feed, 1)).toEqual(["two"]);
    expect(await feed.next()).toEqual({ done: true, value: undefined });
  });

  it.each<[EventOptions, string[]]>([
    [{ entity: "execution" }, ["a", "b", "c"]],
    [{ entity: "schedule" }, ["d"]],
    [{ what: "missed" }, ["b"]],
    [{ scheduleId: "y" }, ["c", "d"]],
    [{ entity: "execution", what: "dispatched", scheduleId: "y" }, ["c"]],
  ])("%j are chosen", async (options, expected) => {
    const tenant = `chosen-${JSON.stringify(options).replace(/\W/g, "")}`;
    const feed = clientOf(tenant).events(options);
    await mine.flush();
    await tell({ tenant, id: "a" });
    await tell({ tenant, id: "b", what: "missed" });
    await tell({ tenant, id: "c", scheduleId: "y" });
    await tell({ tenant, id: "d", entity: "schedule", what: "dispatched", scheduleId: "y" });
    expect(await take(feed, expected.length)).toEqual(expected);
  });

  it("come once, however often they are told, and never as nonsense", async () => {
    const feed = clientOf("once").events();
    await mine.flush();
    const sent = [
      { tenant: "once", id: "one" },
      { tenant: "once", id: "one" },
      { tenant: "once", id: "two" },
    ];
    for (const nonsense of ["", "{", "null", "[]", '{"id":1,"type":"x","data":0}', '{"id":"x"}'])
      theirs.publish(subjectOf(sent[0] as Told), nonsense);
    for (const told of sent) theirs.publish(subjectOf(told), bodyOf(told));
    expect(await take(feed, 2)).toEqual(["one", "two"]);
  });

  it("end with an error where they are not read", async () => {
    const feed = clientOf("slow").events({ unreadMax: 3 });
    await mine.flush();
    for (const id of numbered(10)) await tell({ tenant: "slow", id });
    await mine.flush();
    const read: string[] = [];
    const reading = (async () => {
      for await (const { id } of feed) read.push(id);
    })();
    await expect(reading).rejects.toMatchObject({ code: "reader_too_slow", retryable: true });
    expect(read).toEqual(numbered(4));
  });

  it("go on after the server was started anew", async () => {
    const feed = clientOf("again").events();
    await mine.flush();
    await startAnew();
    await tell({ tenant: "again", id: "after" });
    expect(await take(feed, 1)).toEqual(["after"]);
  });
});

describe("events since", () => {
  it("an instant are those that were stored, then those that come", async () => {
    await tell({ tenant: "since", id: "early" });
    await new Promise((resolve) => setTimeout(resolve, 20));
    const since = new Date();
    for (const id of numbered(600))
      theirs.publish(subjectOf({ tenant: "since", id }), bodyOf({ tenant: "since", id }));
    await tell({ tenant: "other", id: "foreign" });
    const feed = clientOf("since").events({ entity: "execution", since });
    const replayed = take(feed, 605);
    for (const id of numbered(5, 600)) await tell({ tenant: "since", id });
    expect(await replayed).toEqual(numbered(605));
  });

  it("a place begin there, and tell the place to go on from", async () => {
    for (const id of numbered(3)) await tell({ tenant: "place", id });
    const feed = clientOf("place").events({ entity: "execution", since: "2026-01-01T00:00:00Z" });
    const [, second] = [await feed.next(), await feed.next()];
    await feed.return?.();
    const { sequence } = second.value as { sequence: number };
    const next = clientOf("place").events({ entity: "execution", since: { sequence: sequence + 1 } });
    expect(await take(next, 1)).toEqual(["e2"]);
    const same = clientOf("place").events({ entity: "execution", since: { sequence } });
    expect(await take(same, 2)).toEqual(["e1", "e2"]);
  });

  it("come out of both streams where no entity is named", async () => {
    const told = [
      { tenant: "both", id: "a", entity: "schedule", what: "created" },
      { tenant: "both", id: "b" },
      { tenant: "both", id: "c", entity: "command", what: "rejected" },
    ];
    for (const one of told) await tell(one);
    const feed = clientOf("both").events({ since: "2026-01-01T00:00:00Z" });
    expect((await take(feed, 3)).sort()).toEqual(["a", "b", "c"]);
    const rejections = clientOf("both").events({ entity: "command", since: new Date(0) });
    expect(await take(rejections, 1)).toEqual(["c"]);
  });

  it("wait in the stream for a reader who takes his time", async () => {
    const count = 2_000;
    for (const id of numbered(count))
      theirs.publish(subjectOf({ tenant: "time", id }), bodyOf({ tenant: "time", id }));
    await theirs.flush();
    const feed = clientOf("time").events({ entity: "execution", since: new Date(0) });
    await feed.next();
    const received = mine.stats().inMsgs;
    // Time enough for all of them to come, were they asked for.
    for (let n = 0; n < 100; n++) await mine.flush();
    expect(mine.stats().inMsgs - received).toBeLessThan(300);
    expect(await take(feed, count - 1)).toEqual(numbered(count - 1, 1));
  });

  it("miss nothing while the server is killed and started anew", { timeout: 60_000 }, async () => {
    for (const id of numbered(10)) await tell({ tenant: "killed", id });
    const feed = clientOf("killed").events({ entity: "execution", since: new Date(0) });
    expect((await feed.next()).value).toMatchObject({ id: "e0" });
    await startAnew();
    for (const id of numbered(10, 10)) await tell({ tenant: "killed", id });
    expect(await take(feed, 19)).toEqual(numbered(19, 1));
  });

  it("are all there when some were lost on their way", async () => {
    const feed = clientOf("lost").events({ entity: "execution", since: new Date() });
    await tell({ tenant: "lost", id: "e0" });
    await feed.next();
    const manager = await jetstreamManager(theirs);
    const consumers = await manager.consumers.list(streams.executions).next();
    const consumer = consumers.find(({ config }) => config.filter_subject?.includes(".lost."));
    // Somebody else asks the same consumer, and is given every other message.
    const pull = `$JS.API.CONSUMER.MSG.NEXT.${streams.executions}.${consumer?.name}`;
    const stolen: string[] = [];
    const thief = theirs.subscribe("_INBOX.thief", {
      callback: (_, message) => void stolen.push(message.string()),
    });
    theirs.publish(pull, JSON.stringify({ batch: 3 }), { reply: thief.getSubject() });
    for (const id of numbered(9, 1)) await tell({ tenant: "lost", id });
    expect(await take(feed, 9)).toEqual(numbered(9, 1));
    expect(stolen.filter((body) => body !== "")).not.toEqual([]);
    thief.unsubscribe();
  });

  it("leave no consumer behind", async () => {
    const manager = await jetstreamManager(mine);
    const feed = clientOf("tidy").events({ since: new Date(0) });
    await tell({ tenant: "tidy", id: "one" });
    await take(feed, 1);
    const left = async (): Promise<number> =>
      (await manager.streams.info(streams.executions)).state.consumer_count +
      (await manager.streams.info(streams.audit)).state.consumer_count;
    await expect.poll(left, { timeout: 10_000 }).toBe(0);
  });

  it.each([
    ["a place without an entity", { since: { sequence: 1 } }],
    ["a place that is none", { entity: "execution", since: { sequence: 0 } }],
    ["no instant", { since: "yesterday" }],
    ["a token that could widen a subject", { scheduleId: ">" }],
  ] as const)("refuse %s at once", (_what, options) => {
    expect(() => clientOf("refused").events(options as EventOptions)).toThrow(/invalid_body|bad_subject/);
  });

  it("fail where there is no stream to read from", async () => {
    const client = createClient(mine, { installation: "elsewhere" });
    const feed = client.events({ entity: "execution", since: new Date(0) });
    await expect(feed.next()).rejects.toMatchObject({ code: "internal_error" });
  });
});

describe.each<[string, EventOptions]>([
  ["from now on", {}],
  ["since the start", { since: new Date(0) }],
])("a feed of events %s", (_what, options) => {
  it("ends without an error with its signal, also while somebody waits", async () => {
    const abort = new AbortController();
    const feed = clientOf("ended").events({ ...options, signal: abort.signal });
    const waiting = feed.next();
    abort.abort();
    expect(await waiting).toEqual({ done: true, value: undefined });
    const late = clientOf("ended").events({ ...options, signal: abort.signal });
    expect(await late.next()).toEqual({ done: true, value: undefined });
  });

  it("ends without an error with its connection", async () => {
    const own = await connect({ servers: server.url });
    const feed = createClient(own, { tenant: "ended" }).events(options);
    const waiting = feed.next();
    await own.flush();
    await own.drain();
    expect(await waiting).toEqual({ done: true, value: undefined });
  });
});

it("an event's type tells the type of its data", () => {
  const feed = clientOf("typed").events();
  void feed.return?.();
  type Event = NonNullable<Awaited<ReturnType<typeof feed.next>>["value"]>;
  const dataOf = (event: Event) => (event.type === "io.carillon.execution.dispatched.v1" ? event.data : null);
  expectTypeOf(dataOf).returns.toHaveProperty("final");
});

/** Kills the server; resolves when it is back, and both connections with it. */
async function startAnew(): Promise<void> {
  const back = [theirs, mine].map(async (nc) => {
    for await (const { type } of nc.status()) if (type === "reconnect") return nc.flush();
  });
  await server.kill();
  await server.restart();
  await Promise.all(back);
}
