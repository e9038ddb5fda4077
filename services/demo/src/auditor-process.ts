/** The demo's end of the line to its auditor (see auditor/main.ts): orders go in, ledger and verdict come out. */

import { fileURLToPath } from "node:url";
import type { AuditorOrder, AuditorWord } from "./auditor/conversation.ts";
import type { Outage } from "./auditor/lag.ts";
import { emptyRow, type Row } from "./auditor/ledger.ts";
import { startChild } from "./child-process.ts";
import { bareEnvironment } from "./surroundings.ts";

const PROGRAM = fileURLToPath(new URL("./auditor/main.ts", import.meta.url));

export type Verdict = Extract<AuditorWord, { readonly kind: "verdict" }>;

export interface Auditor {
  /** The sums as it last told them. */
  ledger(): Row;
  /** What falls due in between says nothing about punctuality. */
  outage(outage: Outage): void;
  /** Its verdict on what was due by `untilAt` (epoch ms); rejects when it ends without one. */
  finish(untilAt: number): Promise<Verdict>;
  end(): Promise<void>;
}

/** `sinceAt`, epoch ms: what was stored before is none of its business. */
export function startAuditor(natsUrl: string, sinceAt: number): Auditor {
  let ledger = emptyRow("total");
  const complaints: string[] = [];
  const verdict = Promise.withResolvers<Verdict>();
  // Nobody waits for the verdict until the end; an auditor that dies before is noticed there.
  verdict.promise.catch(() => {});
  const hear = (word: AuditorWord): void => {
    if (word.kind === "ledger") ledger = word.total;
    if (word.kind === "verdict") verdict.resolve(word);
  };
  const process = startChild({
    command: [PROGRAM, natsUrl, String(sinceAt)],
    environment: bareEnvironment(),
    onLine: (line) => hear(JSON.parse(line) as AuditorWord),
    onErrorLine: (line) => complaints.push(line),
  });
  void process.ended.then(() => {
    verdict.reject(new Error(["the auditor ended without a verdict", ...complaints].join("\n")));
  });
  const order = (what: AuditorOrder): void => process.write(JSON.stringify(what));
  return {
    ledger: () => ledger,
    outage: (outage) => order({ kind: "outage", ...outage }),
    finish: (untilAt) => {
      order({ kind: "finish", untilAt });
      return verdict.promise;
    },
    end: () => process.end(),
  };
}
