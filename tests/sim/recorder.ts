/** Writes the history of a run while it happens, from what the server stores. */

import { names as namesOf, parseJson } from "@carillon/contracts";
import type { MemoryServer } from "../../services/testing/src/server/memory-server.ts";
import type { Kept } from "../../services/testing/src/server/stream.ts";
import type { VirtualTime } from "../../services/testing/src/virtual-time.ts";
import type { History, Logged } from "./history.ts";

const { streams, buckets, keys } = namesOf();

export function record(history: History, server: MemoryServer, time: VirtualTime): void {
  let order = 0;
  const logged = (kept: Kept): Logged => ({ ...kept, atMs: time.nowMs, order: ++order });
  const listen = (stream: string, heard: (message: Logged) => void): void =>
    server.stream(stream)?.onStored((kept) => heard(logged(kept)));

  listen(streams.targets, (message) => history.targets.push(message));
  listen(streams.executions, (message) => history.executions.push(message));
  listen(streams.audit, (message) => history.audit.push(message));
  listen(streams.deadLetters, (message) => history.deadLetters.push(message));
  listen(streams.commands, (message) => history.commands.set(message.sequence, { message, ackedMs: null }));
  server.commands.heardAck = (sequence) => {
    const seen = history.commands.get(sequence);
    if (seen !== undefined) seen.ackedMs ??= time.nowMs;
  };
  listen(keys.stream(buckets.schedules), ({ sequence, data, mark }) => {
    if (mark !== true) history.definitions.set(sequence, parsed(data));
  });
  listen(keys.stream(buckets.state), ({ subject, sequence: revision, data, mark, ...at }) => {
    const key = subject.slice(keys.subject(buckets.state, "").length);
    const term = keys.term.parse(key);
    const where = { atMs: at.atMs, order: at.order };
    if (term !== null) history.terms.push({ partition: term.partition, record: parsed(data), ...where });
    else history.states.push({ key, revision, state: mark === true ? null : parsed(data), ...where });
  });
}

function parsed<T>(data: string | Uint8Array): T {
  const json = parseJson(data);
  if (!json.ok) throw new Error(`stored: ${json.message}`);
  return json.value as T;
}
