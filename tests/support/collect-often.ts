/**
 * To be loaded before a worker (`--import`, with `--expose-gc`): collects garbage every second, so that what its metrics
 * say of memory is what it holds and not what it has not thrown away yet.
 */

import type { Settings } from "./worker-process.ts";

const EVERY_MS = 1_000;

export const COLLECTING: Settings = { NODE_OPTIONS: `--expose-gc --import=${import.meta.url}` };

// Where it is only read for the settings, there is no collector to call.
if (globalThis.gc !== undefined) setInterval(() => void globalThis.gc?.(), EVERY_MS).unref();
