import { describe, expect, it } from "vitest";
import type { InboxMessage } from "../../app/ports.ts";
import { parseHeaders } from "./heard-headers.ts";
import { asFirstStored, movedHeaders, type Origin, originOf, storedAtIn } from "./moved.ts";

const ORIGIN: Origin = { sequence: 12, storedAt: 1_764_000_000_123, messageId: "acme.é\u2028id" };
const MOVED = { inbox: "2026-11-26T00:00:00Z", after: 40, until: 50 };

const block = (...lines: string[]): Buffer =>
  Buffer.from(`NATS/1.0\r\n${lines.join("\r\n")}\r\n\r\n`, "utf8");

describe("a command that is stored anew", () => {
  const bytes = movedHeaders(
    block(
      "Nats-Msg-Id: acme.id",
      "nats-expected-stream: X",
      "Scheduler-Actor: zoë",
      "Scheduler-Stored-As: {}",
      "Scheduler-Copy-Of: 9",
      "odd line",
    ),
    ORIGIN,
    { "Nats-Expected-Last-Sequence": "41" },
  );
  const headers = parseHeaders(bytes);
  const message: InboxMessage = {
    subject: "scheduler.inbox.3.acme.pause.a",
    data: new Uint8Array(),
    header: headers.get,
    sequence: 42,
    storedAt: 9,
    ack: () => {},
  };
  const here = { moved: MOVED, inbox: MOVED.inbox };

  it("keeps its headers, and none that would speak to the server again", () => {
    expect(headers.get("Scheduler-Actor")).toBe("zoë");
    expect(headers.get("Nats-Msg-Id")).toBeNull();
    expect(headers.get("nats-expected-stream")).toBeNull();
    expect(headers.get("Scheduler-Copy-Of")).toBeNull();
    expect(headers.get("Nats-Expected-Last-Sequence")).toBe("41");
    expect(Buffer.from(bytes).toString()).toContain("\r\nodd line\r\n");
  });

  it("is read with its first sequence, instant and id", () => {
    const read = asFirstStored(message, here);
    expect(read).toMatchObject({ sequence: 12, storedAt: ORIGIN.storedAt });
    expect(read.header("Nats-Msg-Id")).toBe(ORIGIN.messageId);
    expect(read.header("Scheduler-Actor")).toBe("zoë");
  });

  it.each([
    ["nothing was moved", { moved: null, inbox: MOVED.inbox }, 42],
    ["the inbox is another one", { moved: MOVED, inbox: "later" }, 42],
    ["it came before", here, 40],
    ["it came afterwards", here, 51],
  ])("is believed no origin where %s", (_, place, sequence) => {
    expect(originOf(headers.get, sequence, place)).toBeNull();
    expect(asFirstStored({ ...message, sequence }, place)).toMatchObject({ sequence, storedAt: 9 });
  });
});

describe("a record that is stored anew", () => {
  it("is as old as its first copy", () => {
    expect(storedAtIn(parseHeaders(block("Scheduler-Stored-At: 1764000000123")))).toBe(1_764_000_000_123);
    expect(storedAtIn(parseHeaders(block("Scheduler-Stored-At: soon")))).toBeNull();
    expect(storedAtIn(parseHeaders(block()))).toBeNull();
  });
});
