/*
 * Which partition a schedule belongs to: the function of nats-server's own `{{partition(n,1,3)}}`, so that
 * the server and the workers agree without asking each other.
 */

const OFFSET_BASIS = 0x811c9dc5;
const PRIME = 0x01000193;

const ASCII_MAX = 0x7f;

const encoder = new TextEncoder();

/** 32-bit FNV-1a over the UTF-8 bytes of `text`; 0 to 2^32 - 1. */
export const fnv1a32 = (text: string): number => {
  let hash = OFFSET_BASIS;
  for (let index = 0; index < text.length; index++) {
    const byte = text.charCodeAt(index);
    if (byte > ASCII_MAX) return overBytes(encoder.encode(text));
    hash = Math.imul(hash ^ byte, PRIME);
  }
  return hash >>> 0;
};

const overBytes = (bytes: Uint8Array): number => {
  let hash = OFFSET_BASIS;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, PRIME);
  return hash >>> 0;
};

/** 0 to `partitions` - 1. */
export const partitionOf = (tenant: string, scheduleId: string, partitions: number): number =>
  fnv1a32(tenant + scheduleId) % partitions;
