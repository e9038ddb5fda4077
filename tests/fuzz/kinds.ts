/** The kinds of input that are made up: each with its generator, and with what takes one in and says what became of it. */

import fc from "fast-check";
import { parseHeaders } from "../../services/scheduler/src/adapters/nats/heard-headers.ts";
import { environments } from "./environments.ts";
import { openHouse, type Verdict } from "./house.ts";
import { type AnyKind, type Kind, runnable } from "./kind.ts";
import { demand } from "./laws.ts";
import { creation, message, type Wire } from "./messages.ts";
import { oddText } from "./odd.ts";
import { judgeRecord, type RecordInput, recordInput } from "./records.ts";
import { files, targets } from "./subjects.ts";

/** A few messages about the same schedules, one after the other. */
const commands: Kind<readonly Wire[]> = {
  name: "commands",
  arbitrary: fc.oneof(
    { weight: 1, arbitrary: fc.array(message, { minLength: 1, maxLength: 5 }) },
    {
      weight: 3,
      arbitrary: fc
        .tuple(creation, fc.array(message, { maxLength: 5 }))
        .map(([first, then]) => [first, ...then]),
    },
  ),
  parts: (wires) => {
    const house = openHouse();
    return wires.map((wire) => () => house.take(wire));
  },
};

const headers: Kind<Uint8Array> = {
  name: "headers",
  arbitrary: fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc.array(oddText).map((lines) => new TextEncoder().encode(`NATS/1.0\r\n${lines.join("\r\n")}`)),
  ),
  parts: (bytes) => [() => judgeHeaders(bytes)],
};

function judgeHeaders(bytes: Uint8Array): Verdict {
  const heard = parseHeaders(bytes);
  for (const name of ["Nats-Msg-Id", "__proto__", ""]) {
    const value = heard.get(name);
    demand(value === null || !value.includes("\r\n"), `a header of two lines: ${JSON.stringify(value)}`);
  }
  demand(Number.isInteger(heard.code), `status ${heard.code}`);
  return "read";
}

const records: Kind<RecordInput> = {
  name: "records",
  arbitrary: recordInput,
  parts: (input) => [() => judgeRecord(input)],
};

export const KINDS: readonly AnyKind[] = [
  runnable(commands),
  runnable(headers),
  runnable(targets),
  runnable(files),
  runnable(environments),
  runnable(records),
];
