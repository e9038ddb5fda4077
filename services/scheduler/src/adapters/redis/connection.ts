/** The nodes that leases are kept on: one, or an odd number of which a majority decides. They know nothing of each other. */

import type { Clock } from "../../app/ports.ts";
import type { Tell } from "../../app/signals.ts";
import { type RedisAddress, RedisNode } from "./node.ts";

export class RedisLink {
  readonly nodes: readonly RedisNode[];
  #closed = false;

  /** Connects in the background. `name`, without spaces, is shown in the nodes' lists of clients. */
  constructor(deps: { clock: Clock; tell: Tell }, addresses: readonly RedisAddress[], name: string) {
    this.nodes = addresses.map((address) => new RedisNode(deps, address, name));
  }

  /** Are enough nodes connected to decide? */
  up = (): boolean => this.nodes.filter((node) => node.up()).length >= quorumOf(this.nodes);

  closed = (): boolean => this.#closed;

  close(): void {
    this.#closed = true;
    for (const node of this.nodes) node.close();
  }
}

/** How many nodes decide. */
export const quorumOf = ({ length }: readonly RedisNode[]): number => Math.floor(length / 2) + 1;
