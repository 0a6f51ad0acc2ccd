import { NumberIndex } from './number-index.ts';

/**
 * A map from non-negative integers (up to 2^53 - 1), for a million of them: see `NumberIndex`. May be walked while entries come
 * and go: one that comes meanwhile may be met or not.
 */
export class NumberMap<Value extends object> {
  readonly #index = new NumberIndex();
  readonly #keys: number[] = [];
  readonly #values: (Value | undefined)[] = [];
  readonly #free: number[] = [];

  get size(): number {
    return this.#index.size;
  }

  /** So many will come. */
  reserve(entries: number): void {
    this.#index.reserve(entries);
  }

  has(key: number): boolean {
    return this.#index.get(key) >= 0;
  }

  get(key: number): Value | undefined {
    const at = this.#index.get(key);
    return at < 0 ? undefined : this.#values[at];
  }

  set(key: number, value: Value): void {
    let at = this.#index.get(key);
    if (at < 0) {
      at = this.#free.pop() ?? this.#keys.length;
      this.#keys[at] = key;
      this.#index.set(key, at);
    }
    this.#values[at] = value;
  }

  /** Removes an entry; does nothing if it is not there. */
  delete(key: number): void {
    const at = this.#index.get(key);
    if (at < 0) return;
    this.#index.delete(key);
    this.#values[at] = undefined;
    this.#free.push(at);
  }

  /** In no order that means anything. */
  *entries(): Generator<readonly [number, Value], undefined> {
    for (let at = 0; at < this.#keys.length; at += 1) {
      const value = this.#values[at];
      if (value !== undefined) yield [this.#keys[at]!, value];
    }
  }
}
