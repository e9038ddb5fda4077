import { describe, expect, it } from "vitest";
import { eventMessage } from "./event-message.ts";
import { anAnnouncement, aSchedule, iso, NAMES, STORED_AT } from "./testing/builders.ts";

const { record } = aSchedule({ payload: { n: 1 } });
const created = anAnnouncement({
  id: "acme.daily.created.1",
  what: "created",
  data: { version: 1 },
  definition: true,
});

describe("an event on the wire", () => {
  it("is a structured CloudEvent under its own subject and id", () => {
    const message = eventMessage(NAMES, record, anAnnouncement({ data: { actor: "ada" } }), null);
    const subject = NAMES.event.build({
      tenant: "acme",
      entity: "schedule",
      what: "paused",
      scheduleId: "daily",
    });
    expect([message.subject, message.id]).toEqual([subject, "acme.daily.paused.1"]);
    expect(message.headers).toEqual({ "content-type": "application/cloudevents+json" });
    expect(JSON.parse(message.data)).toEqual({
      specversion: "1.0",
      id: "acme.daily.paused.1",
      source: "/scheduler/acme",
      type: "io.carillon.schedule.paused.v1",
      subject: "daily",
      time: iso(STORED_AT),
      datacontenttype: "application/json",
      data: { actor: "ada" },
    });
  });

  it("carries the whole definition, as written and in effect, where it is given", () => {
    const { data } = JSON.parse(eventMessage(NAMES, record, created, record).data) as { data: object };
    expect(data).toEqual({ version: 1, definition: record.definition, effective: record.effective });
  });

  it("says what it can where the definition has changed since", () => {
    const { data } = JSON.parse(eventMessage(NAMES, record, created, null).data) as { data: object };
    expect(data).toEqual({ version: 1 });
  });
});
