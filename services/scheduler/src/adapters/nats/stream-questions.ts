/**
 * The questions about streams and single messages that several adapters ask, where "there is none" is an answer
 * and not an error. All go to the stream's leader.
 */

import type { StreamInfo } from "@nats-io/jetstream";
import type { Guard } from "../../app/ports.ts";
import { ApiCode } from "./api-codes.ts";
import { type HeardHeaders, parseHeaders } from "./heard-headers.ts";
import { ApiRefusal, type JsApi } from "./js-api.ts";
import { TTL_HEADER, ttlMsOf } from "./time-to-live.ts";

/** A stored message as the API gives it; `data` and `hdrs` in base64, absent when empty. */
export interface StoredMessage {
  subject: string;
  seq: number;
  data?: string;
  hdrs?: string;
  /** RFC 3339 with nanoseconds. */
  time: string;
}

/** null: there is no stream of this name. `subjects`: a pattern whose subjects are counted; absent: none are. */
export async function streamInfo(api: JsApi, name: string, subjects?: string): Promise<StreamInfo | null> {
  const body = subjects === undefined ? undefined : { subjects_filter: subjects };
  return orNull(api.ask<StreamInfo>(`STREAM.INFO.${name}`, body), ApiCode.streamNotFound);
}

/** The last message whose subject matches; null: none. */
export async function lastMessage(
  api: JsApi,
  stream: string,
  pattern: string,
  guard?: Guard,
): Promise<StoredMessage | null> {
  return getMessage(api, stream, { last_by_subj: pattern }, guard);
}

/** The first message at or after `sequence` whose subject matches; null: none. */
export async function nextMessage(
  api: JsApi,
  stream: string,
  { pattern, sequence, guard }: { pattern: string; sequence: number; guard?: Guard },
): Promise<StoredMessage | null> {
  return getMessage(api, stream, { seq: sequence, next_by_subj: pattern }, guard);
}

/** null: deleted, expired, or never there. */
export async function messageAt(api: JsApi, stream: string, sequence: number): Promise<StoredMessage | null> {
  return getMessage(api, stream, { seq: sequence });
}

async function getMessage(
  api: JsApi,
  stream: string,
  which: object,
  guard?: Guard,
): Promise<StoredMessage | null> {
  const asked = api.ask<{ message: StoredMessage }>(`STREAM.MSG.GET.${stream}`, which, guard);
  return (await orNull(asked, ApiCode.noMessageFound))?.message ?? null;
}

async function orNull<T>(asked: Promise<T>, none: number): Promise<T | null> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof ApiRefusal && error.apiCode === none) return null;
    throw error;
  }
}

const base64 = (text: string | undefined): Uint8Array => Buffer.from(text ?? "", "base64");

export function dataOf(message: StoredMessage): Uint8Array {
  return base64(message.data);
}

export function headersOf({ hdrs }: StoredMessage): HeardHeaders {
  return parseHeaders(base64(hdrs));
}

/** The header block as it was sent; empty: none. */
export function headerBytesOf({ hdrs }: StoredMessage): Uint8Array {
  return base64(hdrs);
}

/** Whether the message stands for "deleted": a client's delete or purge, or the server's mark of an expiry. */
export function isMarker(message: StoredMessage): boolean {
  return /^(KV-Operation: *(DEL|PURGE)|Nats-Marker-Reason:.*)\r?$/im.test(headerTextOf(message));
}

/** How long the message was to be kept; null: as long as its stream keeps it. */
export function keptMsOf(message: StoredMessage): number | null {
  return ttlMsOf(new RegExp(`^${TTL_HEADER}: *(\\S+)\r?$`, "im").exec(headerTextOf(message))?.[1]);
}

const headerTextOf = ({ hdrs }: StoredMessage): string => Buffer.from(base64(hdrs)).toString("utf8");
