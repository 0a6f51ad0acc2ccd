/** What there is to do at each of some items. */
interface Round<Item> {
  readonly items: Iterator<Item>;
  visit(item: Item): boolean;
  done(): void;
}

/** What it costs to act on an item, where a look at it costs 1. */
const actCost = 8;

/**
 * Work over very many sessions, a slice at a time, so that one message (an LMA that restarted, a global revocation)
 * does not hold up everybody else's.
 */
export class Sweep<Item> {
  readonly #waiting: Round<Item>[] = [];
  readonly #sliceMax: number;

  /** @param sliceMax items looked at in one slice; an eighth of that where each is acted on */
  constructor(sliceMax: number) {
    this.#sliceMax = sliceMax;
  }

  get isIdle(): boolean {
    return this.#waiting.length === 0;
  }

  /**
   * Adds work; the items are looked at as they are when their slice comes. `done` is called after the last one.
   *
   * @param visit returns whether anything was done but a look
   */
  add(items: Iterable<Item>, visit: (item: Item) => boolean, done: () => void = () => {}): void {
    this.#waiting.push({ items: items[Symbol.iterator](), visit, done });
  }

  /** Does one slice of the oldest work. */
  advance(): void {
    const work = this.#waiting[0];
    if (work === undefined) return;
    for (let cost = 0; cost < this.#sliceMax; ) {
      const next = work.items.next();
      if (next.done === true) {
        this.#waiting.shift();
        work.done();
        return;
      }
      cost += work.visit(next.value) ? actCost : 1;
    }
  }
}
