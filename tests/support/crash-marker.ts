/** What a body holds on which a worker is to crash, and the environment of a worker that does. */

import type { Settings } from "./worker-process.ts";

export const CRASH_MARKER = "crash-the-worker-that-reads-this";

const PRELOAD = new URL("./crash-at-marker.ts", import.meta.url);

export const CRASHING: Settings = { NODE_OPTIONS: `--import=${PRELOAD.href}` };
