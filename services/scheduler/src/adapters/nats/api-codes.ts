/**
 * JetStream's error numbers, and what each means for whoever asked. Decided by number, never by text.
 * `again`: a passing state of the server (no leader, queue full, the same id still in process): the same question
 * is asked again. Everything else is an answer.
 */

export const ApiCode = {
  accountResourcesExceeded: 10002,
  clusterNotAvailable: 10008,
  clusterNotLeader: 10009,
  consumerNotFound: 10014,
  insufficientResources: 10023,
  memoryResourcesExceeded: 10028,
  noMessageFound: 10037,
  notEnabledForAccount: 10039,
  storageResourcesExceeded: 10047,
  messageTooLong: 10054,
  streamNameInUse: 10058,
  streamNotFound: 10059,
  wrongLastSequence: 10071,
  notEnabled: 10076,
  storeFailed: 10077,
  headerTooLong: 10097,
  consumerNotUnique: 10100,
  streamOffline: 10118,
  consumerOffline: 10119,
  consumerExists: 10148,
  duplicateInProcess: 10158,
  sequenceUnknown: 10164,
  tooManyRequests: 10167,
} as const;

/** HTTP-like classes that JetStream uses for passing states. */
const UNAVAILABLE = 503;
const TOO_MANY = 429;

const PASSING: ReadonlySet<number> = new Set([
  ApiCode.clusterNotAvailable,
  ApiCode.clusterNotLeader,
  ApiCode.streamOffline,
  ApiCode.consumerOffline,
  ApiCode.duplicateInProcess,
  ApiCode.sequenceUnknown,
  ApiCode.tooManyRequests,
]);

/** The stream or its server has no room; `storeFailed` comes under the class 503, and lasts nevertheless. */
const FULL: ReadonlySet<number> = new Set([
  ApiCode.storeFailed,
  ApiCode.accountResourcesExceeded,
  ApiCode.insufficientResources,
  ApiCode.memoryResourcesExceeded,
  ApiCode.storageResourcesExceeded,
]);

/** True when the same question may get another answer later, without anybody changing anything. */
export function isPassing(apiCode: number, httpCode: number): boolean {
  if (PASSING.has(apiCode)) return true;
  return (httpCode === UNAVAILABLE || httpCode === TOO_MANY) && !FULL.has(apiCode);
}

/** The code of a receipt for a lasting refusal by JetStream. */
export function refusalCode(apiCode: number): "too_large" | "stream_full" | "refused" {
  if (apiCode === ApiCode.messageTooLong || apiCode === ApiCode.headerTooLong) return "too_large";
  return FULL.has(apiCode) ? "stream_full" : "refused";
}
