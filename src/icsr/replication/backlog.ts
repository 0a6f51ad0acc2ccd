/** What a stream carries under one sequence. */
export interface BacklogItem {
  /** As counted toward the bound. */
  readonly octets: number;
}

const smallest = 1024;

/**
 * What has been given a sequence and is not acknowledged: a ring, bounded in records and in octets. Sequences rise by
 * one for the life of the sender.
 */
export class Backlog<Item extends BacklogItem> {
  readonly #recordsMax: number;
  readonly #octetsMax: number;
  #ring: (Item | undefined)[] = new Array<Item | undefined>(smallest).fill(undefined);
  #first = 1;
  #next = 1;
  #octets = 0;

  constructor(recordsMax: number, octetsMax: number) {
    this.#recordsMax = recordsMax;
    this.#octetsMax = octetsMax;
  }

  /** The sequence of the oldest item; `next` if there is none. */
  get first(): number {
    return this.#first;
  }

  /** The sequence that the next item will have. */
  get next(): number {
    return this.#next;
  }

  /** Records that are kept. */
  get length(): number {
    return this.#next - this.#first;
  }

  get octets(): number {
    return this.#octets;
  }

  /** Whether half of either bound is used: what can wait does then. */
  get isHalfFull(): boolean {
    return this.length * 2 >= this.#recordsMax || this.#octets * 2 >= this.#octetsMax;
  }

  /** The item's sequence, or undefined if a bound would be exceeded. */
  push(item: Item): number | undefined {
    if (this.length >= this.#recordsMax || this.#octets + item.octets > this.#octetsMax) return undefined;
    if (this.length === this.#ring.length) this.#grow();
    this.#ring[this.#next % this.#ring.length] = item;
    this.#octets += item.octets;
    this.#next += 1;
    return this.#next - 1;
  }

  /** The item with a sequence from `first` up to below `next`. */
  at(sequence: number): Item {
    return this.#ring[sequence % this.#ring.length]!;
  }

  /** Takes out the oldest item. */
  shift(): Item | undefined {
    if (this.length === 0) return undefined;
    const at = this.#first % this.#ring.length;
    const item = this.#ring[at]!;
    this.#ring[at] = undefined;
    this.#octets -= item.octets;
    this.#first += 1;
    return item;
  }

  #grow(): void {
    const ring = new Array<Item | undefined>(this.#ring.length * 2).fill(undefined);
    for (let sequence = this.#first; sequence < this.#next; sequence += 1)
      ring[sequence % ring.length] = this.at(sequence);
    this.#ring = ring;
  }
}
