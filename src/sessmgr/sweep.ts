/**
 * Work over very many sessions, a slice at a time, so that one message (an LMA that restarted, a global revocation)
 * does not hold up everybody else's.
 */
export class Sweep<Item> {
  readonly #waiting: { readonly items: Iterator<Item>; visit(item: Item): void; done(): void }[] = [];
  readonly #sliceMax: number;

  constructor(sliceMax: number) {
    this.#sliceMax = sliceMax;
  }

  get isIdle(): boolean {
    return this.#waiting.length === 0;
  }

  /** Adds work; the items are looked at as they are when their slice comes. `done` is called after the last one. */
  add(items: Iterable<Item>, visit: (item: Item) => void, done: () => void = () => {}): void {
    this.#waiting.push({ items: items[Symbol.iterator](), visit, done });
  }

  /** Does one slice of the oldest work. */
  advance(): void {
    const work = this.#waiting[0];
    if (work === undefined) return;
    for (let count = 0; count < this.#sliceMax; count += 1) {
      const next = work.items.next();
      if (next.done === true) {
        this.#waiting.shift();
        work.done();
        return;
      }
      work.visit(next.value);
    }
  }
}
