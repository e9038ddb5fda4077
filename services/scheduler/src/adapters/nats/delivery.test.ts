import { describe, expect, it } from "vitest";
import { readDelivery } from "./delivery.ts";

const expected = {
  deliveries: 2,
  streamSequence: 30,
  consumerSequence: 4,
  storedAt: 1_795_251_600_123,
  pending: 5,
};

describe("readDelivery", () => {
  it("reads the short form", () => {
    expect(readDelivery("$JS.ACK.S.c.2.30.4.1795251600123456789.5")).toEqual(expected);
  });

  it("reads the form with domain and account", () => {
    expect(readDelivery("$JS.ACK.hub.AB12.S.c.2.30.4.1795251600123456789.5.tok")).toEqual(expected);
  });

  it.each([undefined, "", "_INBOX.x.y", "$JS.ACK.S.c", "$JS.FC.S.c.x"])("finds none in %s", (subject) => {
    expect(readDelivery(subject)).toBeNull();
  });
});
