/*
 * Which partition a schedule belongs to: the function of nats-server's own `{{partition(n,1,3)}}`, so that
 * the server and the workers agree without asking each other.
 */

const OFFSET_BASIS = 0x811c9dc5;
const PRIME = 0x01000193;

const encoder = new TextEncoder();

/** For texts of ordinary length, so that a hash allocates nothing. */
const scratch = new Uint8Array(1_024);
const UTF8_BYTES_MAX = 3;

/** 32-bit FNV-1a over the UTF-8 bytes of `text`; 0 to 2^32 - 1. */
export const fnv1a32 = (text: string): number => {
  if (text.length * UTF8_BYTES_MAX > scratch.length) return over(encoder.encode(text));
  const { written } = encoder.encodeInto(text, scratch);
  return over(scratch, written);
};

const over = (bytes: Uint8Array, length = bytes.length): number => {
  let hash = OFFSET_BASIS;
  for (let index = 0; index < length; index++) hash = Math.imul(hash ^ (bytes[index] ?? 0), PRIME);
  return hash >>> 0;
};

/** 0 to `partitions` - 1. */
export const partitionOf = (tenant: string, scheduleId: string, partitions: number): number =>
  fnv1a32(tenant + scheduleId) % partitions;
