/*
 * A queue that is read as an async iterator. It is not a generator, since a generator hears of `return()` only
 * after the item that it waits for, which may never come.
 */

export class Feed<T> implements AsyncIterableIterator<T> {
  #items: T[] = [];
  readonly #readers: Reader<T>[] = [];
  readonly #endings = new Set<() => void>();
  #drained: () => void = () => {};
  #over = false;
  #failure: { readonly error: unknown } | null = null;

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** Waits for the next item; done after the end, when everything before it has been read. */
  next(): Promise<IteratorResult<T, undefined>> {
    return new Promise((resolve, reject) => {
      this.#readers.push({ resolve, reject });
      this.#serve();
    });
  }

  /** The reader wants no more. */
  async return(): Promise<IteratorResult<T, undefined>> {
    this.#items = [];
    this.end();
    return { done: true, value: undefined };
  }

  push(item: T): void {
    if (this.#over) return;
    this.#items.push(item);
    this.#serve();
  }

  /** No more will come; with an error, the reader gets it after what is here. Only the first end counts. */
  end(failure: { readonly error: unknown } | null = null): void {
    if (this.#over) return;
    this.#over = true;
    this.#failure = failure;
    for (const ended of this.#endings) ended();
    this.#serve();
  }

  get over(): boolean {
    return this.#over;
  }

  /** Items that nobody has read. */
  get waiting(): number {
    return this.#items.length;
  }

  /** Calls once it has ended, at once where it has; answers how to call that off. */
  onEnd(ended: () => void): () => void {
    if (this.#over) ended();
    else this.#endings.add(ended);
    return () => this.#endings.delete(ended);
  }

  /** Resolves when everything has been read, or at the end. */
  drained(): Promise<void> {
    if (this.#items.length === 0 || this.#over) return Promise.resolve();
    return new Promise((resolve) => {
      const before = this.#drained;
      this.#drained = () => {
        before();
        resolve();
      };
    });
  }

  #serve(): void {
    while (this.#readers.length > 0 && (this.#items.length > 0 || this.#over)) {
      const reader = this.#readers.shift();
      const [item] = this.#items.splice(0, 1);
      if (item !== undefined) reader?.resolve({ done: false, value: item });
      else this.#finish(reader);
    }
    if (this.#items.length > 0 && !this.#over) return;
    const drained = this.#drained;
    this.#drained = () => {};
    drained();
  }

  #finish(reader: Reader<T> | undefined): void {
    const failure = this.#failure;
    this.#failure = null;
    if (failure === null) reader?.resolve({ done: true, value: undefined });
    else reader?.reject(failure.error);
  }
}

interface Reader<T> {
  resolve(result: IteratorResult<T, undefined>): void;
  reject(error: unknown): void;
}
