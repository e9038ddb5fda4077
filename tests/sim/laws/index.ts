/** All laws by name. */

import type { History } from "../history.ts";
import { answered, appliedOnce, eventsTold, refusedOrApplied, toldBeforeAcknowledged } from "./commands.ts";
import { continuous, fenced, rising } from "./commits.ts";
import { noBug, overtaken } from "./conduct.ts";
import { claimedFirst, neverEarly, quiet, storedOnce, toldTruly } from "./firing.ts";
import { check, type Violation } from "./law.ts";
import { counted, settledOnce, toldOnce } from "./ledger.ts";
import {
  adopted,
  nothingOwed,
  oneSpeaker,
  smoothHandovers,
  termsBegun,
  termsRise,
  wantedOwners,
} from "./ownership.ts";
import { nothingLeft, punctual } from "./rest.ts";

export const LAWS = {
  "no term writes after a newer one": fenced,
  "terms, versions, commands and cursors only rise": rising,
  "nothing is passed over in silence": continuous,
  "every occurrence is settled once": settledOnce,
  "every decision about an occurrence is told in one final event": toldOnce,
  "counters equal the log": counted,
  "nothing fires before it is due": neverEarly,
  "a stream holds a command once": storedOnce,
  "what is told as dispatched was stored": toldTruly,
  "nothing is sent that was not claimed": claimedFirst,
  "nothing fires after an acknowledged end": quiet,
  "every command has an outcome": answered,
  "a command has one effect": appliedOnce,
  "a refused command has none": refusedOrApplied,
  "every change is told": eventsTold,
  "a command is acknowledged after its event": toldBeforeAcknowledged,
  "no worker has a bug": noBug,
  "no term ends without a cause": overtaken,
  "terms rise, one of one worker each": termsRise,
  "nothing is written for a term that did not begin": termsBegun,
  "a partition has one speaker at a time": oneSpeaker,
  "what an older term claimed is not dropped": adopted,
  "in the calm every partition has its wanted owner": wantedOwners,
  "in the calm handovers are smooth": smoothHandovers,
  "a planned handover leaves nothing owed": nothingOwed,
  "in the calm nothing is left over": nothingLeft,
  "in the calm fires are on time": punctual,
} as const;

export const violations = (history: History): Violation[] => check(LAWS, history);
