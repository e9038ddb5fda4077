import { describe, expect, it } from "vitest";
import { targetMessage } from "./target-message.ts";
import { aDispatch, aSchedule, iso, MINUTE, STORED_AT } from "./testing/builders.ts";

const { record } = aSchedule({
  target: { subject: "cmd.notification.send", headers: { "X-Campaign": "summary" } },
  payload: { n: 1, text: "ä" },
});

const data = (payload: unknown, dispatch = aDispatch()) =>
  targetMessage({ ...record, effective: { ...record.effective, payload } }, dispatch).data;

describe("the target's command", () => {
  it("has the headers and the id of the contract, beside the target's own", () => {
    const message = targetMessage(
      record,
      aDispatch({
        attempt: 2,
        dueAt: STORED_AT + 5,
        previousAt: STORED_AT - MINUTE,
        nextAt: STORED_AT + MINUTE,
      }),
    );
    expect([message.subject, message.id]).toEqual([
      "cmd.notification.send",
      "acme.daily@20261121T090000000Z.2",
    ]);
    expect(message.headers).toEqual({
      "X-Campaign": "summary",
      "Scheduler-Tenant": "acme",
      "Scheduler-Schedule-Id": "daily",
      "Scheduler-Execution-Id": "daily@20261121T090000000Z",
      "Scheduler-Attempt": "2",
      "Scheduler-Nominal-At": iso(STORED_AT),
      "Scheduler-Due-At": iso(STORED_AT + 5),
      "Scheduler-Previous-At": iso(STORED_AT - MINUTE),
      "Scheduler-Next-At": iso(STORED_AT + MINUTE),
      "Scheduler-Cause": "schedule",
      traceparent: expect.stringMatching(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/),
    });
  });

  it("leaves out what is not known", () => {
    const { headers } = targetMessage(record, aDispatch());
    expect(
      ["Scheduler-Previous-At", "Scheduler-Next-At", "Scheduler-Report-To"].filter((name) => name in headers),
    ).toEqual([]);
  });

  it("has the payload's JSON as its body, and nothing around it", () => {
    expect(JSON.parse(targetMessage(record, aDispatch()).data)).toEqual({ n: 1, text: "ä" });
    expect([data(null), data(0), data(""), data([])]).toEqual(["null", "0", '""', "[]"]);
  });

  it("has an empty body without a payload", () => {
    expect(targetMessage(aSchedule().record, aDispatch()).data).toBe("");
  });

  it("carries the payload that a trigger brought, also null", () => {
    expect(data({ n: 1 }, aDispatch({ payload: { n: 2 } }))).toBe('{"n":2}');
    expect(data({ n: 1 }, aDispatch({ payload: null }))).toBe("null");
  });

  it("is the same whenever it is sent, and another one for another tenant", () => {
    expect(targetMessage(record, aDispatch())).toEqual(targetMessage(record, aDispatch()));
    const other = targetMessage({ ...record, tenant: "beta" }, aDispatch());
    expect(other.id).not.toBe(targetMessage(record, aDispatch()).id);
    expect(other.headers["traceparent"]).not.toBe(targetMessage(record, aDispatch()).headers["traceparent"]);
  });

  it("goes on with the trace of the command that caused it", () => {
    const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    expect(targetMessage(record, aDispatch({ traceparent })).headers["traceparent"]).toBe(traceparent);
  });

  it("is not spoken for by the target's own headers", () => {
    const target = { ...record.effective.target, headers: { "Scheduler-Tenant": "beta" } };
    const forged = { ...record, effective: { ...record.effective, target } };
    expect(targetMessage(forged, aDispatch()).headers["Scheduler-Tenant"]).toBe("acme");
  });
});
