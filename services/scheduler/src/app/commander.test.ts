import { CONTROL_HEADERS, errorBody } from "@carillon/contracts";
import { describe, expect, it } from "vitest";
import { entrust } from "../domain/entrusted.ts";
import {
  aCommand,
  accepted,
  aDefinition,
  HOUR,
  later,
  NAMES,
  RULES,
  STORED_AT,
} from "../domain/testing/builders.ts";
import { Commander } from "./commander.ts";
import { Held } from "./held.ts";
import type { PartitionContext } from "./partition-context.ts";
import type { InboxMessage } from "./ports.ts";

const INBOX = "2026-01-01T00:00:00Z";

/** An owner since `since` that has a creation to refuse, which an owner before it applied. */
function refusing(since: number) {
  const done: string[] = [];
  const command = later(null, aCommand("create", { body: aDefinition(), inbox: INBOX }));
  const made = accepted(null, aCommand("create", { body: aDefinition(), inbox: INBOX })).schedule;
  const held = new Held({ key: "7.acme.daily", tenant: "acme" });
  held.adopt(entrust(made, command).schedule, 3);
  const context = {
    names: NAMES,
    serverNow: () => since,
    rules: () => RULES,
    assertSpeaking: () => {},
  } as unknown as PartitionContext;
  const commander = new Commander(context, {
    committer: {},
    payer: { announce: async (_: unknown, { id }: { id: string }) => void done.push(id) },
    refuser: { refuse: async () => void done.push("refused") },
    gate: {
      enter: () => ({ kind: "refused", error: errorBody("rate_limited", "too many") }),
      refuse: () => {},
    },
    inbox: INBOX,
  } as unknown as ConstructorParameters<typeof Commander>[1]);
  const message: InboxMessage = {
    subject: NAMES.inbox.build({ partition: 7, tenant: "acme", verb: "create", scheduleId: "daily" }),
    data: new Uint8Array(),
    header: (name) => (name === CONTROL_HEADERS.commandId ? command.commandId : null),
    sequence: command.sequence,
    storedAt: STORED_AT,
    ack: () => void done.push("acknowledged"),
  };
  const handle = () =>
    commander.handle(held, message, commander.sender(message), { poisonous: false, wanted: () => true });
  return { handle, done, eventId: `acme.daily.created.${command.commandId}` };
}

describe("a command that is refused at once", () => {
  it("is told first, where an owner before this one applied it and may not have told it", async () => {
    const { handle, done, eventId } = refusing(STORED_AT + HOUR);
    await handle();
    expect(done).toEqual([eventId, "refused", "acknowledged"]);
  });

  it("is only refused, where no owner before this one can have seen it", async () => {
    const { handle, done } = refusing(STORED_AT - HOUR);
    await handle();
    expect(done).toEqual(["refused", "acknowledged"]);
  });
});
