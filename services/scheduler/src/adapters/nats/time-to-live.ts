/** How long the server keeps a message, as its header says it. */

/** The server counts time to live in whole seconds. */
const TTL_UNIT_MS = 1_000;

/** Rounded up to whole seconds. */
export const ttlHeader = (ttlMs: number): Record<string, string> => ({
  "Nats-TTL": `${Math.ceil(ttlMs / TTL_UNIT_MS)}s`,
});
