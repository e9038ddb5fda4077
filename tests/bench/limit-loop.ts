/**
 * The limit of what one process can fire: the three publishes of a fire and nothing else, in a process of its own. No worker can be faster
 * that claims before it sends, and tells after.
 */

import { startNats } from "@carillon/local";
import { startAsked } from "./asked-process.ts";
import { type ModelFire, modelFire } from "./model-fire.ts";

export interface LimitOrder {
  readonly server: string;
  readonly keys: number;
  readonly fires: number;
  readonly model: ModelFire;
}

export interface Limit {
  readonly perSecond: number;
  /** From the first publish to the answer to the last command; its event follows. */
  readonly commandsMs: number;
}

let model: Promise<ModelFire> | null = null;

/** `server`: a fresh one, on which the streams are made. `keys`: among how many schedules the fires go round. */
export async function limitLoop({
  server,
  keys,
  fires,
}: {
  server: { readonly url: string };
  keys: number;
  fires: number;
}): Promise<Limit> {
  model ??= modelFire();
  const loop = startAsked<LimitOrder, Limit>(new URL("./limit-process.ts", import.meta.url));
  try {
    return await loop.ask({ server: server.url, keys, fires, model: await model });
  } finally {
    await loop.end();
  }
}

/** The same on a server of its own. */
export async function limitAlone(size: { keys: number; fires: number }): Promise<Limit> {
  const server = await startNats({ ignoreEnvironment: true });
  try {
    return await limitLoop({ server, ...size });
  } finally {
    await server.stop();
  }
}
