import { type Instant, never } from './instant.ts';

/**
 * A binary heap of (deadline, key) pairs. An entry is never moved: setting a key again adds a new pair, and a pair
 * whose deadline is not the owner's current one is stale. The owner decides that when it pops (see `popDue`), so
 * changing a deadline costs one push and no search.
 */
export class DeadlineHeap<Key> {
  #at: Instant[] = [];
  #key: Key[] = [];

  /** Pairs, stale ones included. */
  get size(): number {
    return this.#at.length;
  }

  /** Adds a pair; `never` is no deadline and adds nothing. */
  push(at: Instant, key: Key): void {
    if (at === never) return;
    let index = this.#at.length;
    this.#at.push(at);
    this.#key.push(key);
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (this.#at[parent]! <= at) break;
      this.#at[index] = this.#at[parent]!;
      this.#key[index] = this.#key[parent]!;
      index = parent;
    }
    this.#at[index] = at;
    this.#key[index] = key;
  }

  /** The earliest deadline held, stale or not; `never` when empty. */
  peek(): Instant {
    return this.#at.length === 0 ? never : this.#at[0]!;
  }

  /** Removes and returns the key of the earliest pair at or before `now`, with its deadline; undefined if none is due. */
  popDue(now: Instant): { readonly at: Instant; readonly key: Key } | undefined {
    if (this.#at.length === 0 || this.#at[0]! > now) return undefined;
    const at = this.#at[0]!;
    const key = this.#key[0]!;
    const lastAt = this.#at.pop()!;
    const lastKey = this.#key.pop()!;
    const length = this.#at.length;
    if (length > 0) {
      let index = 0;
      for (;;) {
        let child = 2 * index + 1;
        if (child >= length) break;
        if (child + 1 < length && this.#at[child + 1]! < this.#at[child]!) child += 1;
        if (this.#at[child]! >= lastAt) break;
        this.#at[index] = this.#at[child]!;
        this.#key[index] = this.#key[child]!;
        index = child;
      }
      this.#at[index] = lastAt;
      this.#key[index] = lastKey;
    }
    return { at, key };
  }
}
