/** Says that a command was refused, and why: an event for everyone, a signal for operators. Never silence. */

import { type CommandRejectedData, commandEventId, type ErrorBody } from "@carillon/contracts";
import type { Sender } from "../domain/command.ts";
import { eventMessage } from "../domain/event-message.ts";
import type { EpochMs } from "../domain/instant.ts";
import type { Courier } from "./delivery.ts";
import type { WorkerContext } from "./partition-context.ts";
import type { Guard } from "./ports.ts";

/** Characters of a subject that an event repeats; the rest is cut. */
const SUBJECT_SHOWN_MAX = 256;

export class Refuser {
  readonly #names: WorkerContext["names"];
  readonly #courier: Courier;
  readonly #tell: WorkerContext["tell"];
  readonly #guard: Guard;

  constructor({ names, courier, tell }: Pick<WorkerContext, "names" | "courier" | "tell">, guard: Guard) {
    this.#names = names;
    this.#courier = courier;
    this.#tell = tell;
    this.#guard = guard;
  }

  /** Resolves when the event is stored. */
  async refuse(sender: Sender, error: ErrorBody, at: EpochMs): Promise<void> {
    const { tenant, scheduleId, verb, commandId, actor } = sender;
    const data: CommandRejectedData = {
      commandId,
      verb,
      subject: sender.subject.slice(0, SUBJECT_SHOWN_MAX),
      actor,
      error,
    };
    const message = eventMessage(
      this.#names,
      sender,
      {
        kind: "announcement",
        id: commandEventId("rejected", tenant, scheduleId, commandId),
        entity: "command",
        what: "rejected",
        at,
        data: { ...data },
        definition: false,
      },
      null,
    );
    await this.#courier.report({ message: () => message, promisedAt: at, ageMs: 0, guard: this.#guard });
    this.#tell({
      kind: "command.rejected",
      where: { tenant, scheduleId },
      verb: verb ?? "_",
      commandId,
      actor,
      code: error.code,
    });
  }
}
