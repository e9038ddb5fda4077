/** How long the server keeps a message, as its header says it. */

/** The server counts time to live in whole seconds. */
const TTL_UNIT_MS = 1_000;

export const TTL_HEADER = "Nats-TTL";

/** What the server makes of a time to live, in milliseconds. */
export const wholeSeconds = (ttlMs: number): number => Math.ceil(ttlMs / TTL_UNIT_MS) * TTL_UNIT_MS;

/** Rounded up to whole seconds. */
export const ttlHeader = (ttlMs: number): Record<string, string> => ({
  [TTL_HEADER]: `${wholeSeconds(ttlMs) / TTL_UNIT_MS}s`,
});

/** Of a header's value, in milliseconds; null: it lives as long as its stream. */
export function ttlMsOf(value: string | undefined): number | null {
  const seconds = /^(\d+)s$/.exec(value ?? "")?.[1];
  return seconds === undefined ? null : Number(seconds) * TTL_UNIT_MS;
}
