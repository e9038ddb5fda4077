/** The acts, in their order. Each leaves the stage as the next one expects it: three workers, who share the partitions. */

import type { Act } from "../stage.ts";
import { dstPreview } from "./dst-preview.ts";
import { forbiddenTarget } from "./forbidden-target.ts";
import { killedWorker } from "./killed-worker.ts";
import { noWorker } from "./no-worker.ts";
import { pauseAndResume } from "./pause-and-resume.ts";
import { triggerTypes } from "./trigger-types.ts";

export const ACTS: readonly Act[] = [
  triggerTypes,
  noWorker,
  pauseAndResume,
  forbiddenTarget,
  killedWorker,
  dstPreview,
];
