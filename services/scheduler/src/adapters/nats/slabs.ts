/**
 * Memory for bytes that are sent, used again once the server has answered for all that lay in it. V8 begins a full collection whenever so
 * much new memory of buffers has come up (64 MB, which at full load is a second and a half), and lets nobody else work until it has marked
 * the whole heap.
 */

export interface Slab {
  readonly bytes: Buffer;
  /** From its beginning (bytes). */
  used: number;
  /** Parts of it that may have to be sent yet. One that is never released keeps the slab from being used again, and nothing else. */
  open: number;
}

/** What is in flight at most takes some ten of these (bytes). */
const SLAB_BYTES = 524_288;
const FREE_MAX = 16;

export class Slabs {
  #current: Slab = slab();
  readonly #free: Slab[] = [];

  /** One with so much room; null: there is none as long. */
  withRoom(bytes: number): Slab | null {
    if (bytes > SLAB_BYTES) return null;
    if (this.#current.used + bytes > SLAB_BYTES) this.#current = this.#free.pop() ?? slab();
    return this.#current;
  }

  /** The server has answered for a part of it, so its bytes are not needed any more, nor wait to be written. */
  release(slab: Slab): void {
    if (--slab.open > 0) return;
    slab.used = 0;
    if (slab !== this.#current && this.#free.length < FREE_MAX) this.#free.push(slab);
  }
}

const slab = (): Slab => ({ bytes: Buffer.allocUnsafeSlow(SLAB_BYTES), used: 0, open: 0 });
