/** What operators want to know of the server's side: what waits in the inbox, how full streams are, how far the clocks are apart. */

import type { Names } from "@carillon/contracts";
import type { Clock } from "../../app/ports.ts";
import type { JsApi } from "./js-api.ts";
import { streamInfo } from "./stream-questions.ts";

export class ServerWatch {
  readonly #api: JsApi;
  readonly #names: Names;
  readonly #clock: Clock;
  #skewSeconds: number | null = null;

  constructor({ api, names, clock }: { api: JsApi; names: Names; clock: Clock }) {
    this.#api = api;
    this.#names = names;
    this.#clock = clock;
  }

  /** Messages in the inbox; a work queue holds only what nobody has acknowledged. */
  async inboxPending(): Promise<number | null> {
    const askedAt = this.#clock.now();
    const info = await streamInfo(this.#api, this.#names.streams.commands);
    if (info === null) return null;
    const serverAt = Date.parse(info.ts ?? "");
    if (Number.isFinite(serverAt)) this.#skewSeconds = ((askedAt + this.#clock.now()) / 2 - serverAt) / 1000;
    return info.state.messages;
  }

  /** As of the last look at the inbox. */
  clockSkewSeconds(): number | null {
    return this.#skewSeconds;
  }

  async streamUsedRatios(): Promise<ReadonlyMap<string, number>> {
    const { streams, buckets, keys } = this.#names;
    const names = [
      streams.commands,
      streams.executions,
      streams.audit,
      streams.deadLetters,
      streams.targets,
      keys.stream(buckets.schedules),
      keys.stream(buckets.state),
    ];
    const infos = await Promise.all(names.map((name) => streamInfo(this.#api, name)));
    const ratios = new Map<string, number>();
    for (const info of infos) {
      const limit = info?.config.max_bytes ?? -1;
      if (info !== null && limit > 0) ratios.set(info.config.name, info.state.bytes / limit);
    }
    return ratios;
  }
}
