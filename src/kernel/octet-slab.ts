/** Names octets in a slab until they are freed: page and place. */
export type SlabPlace = number;

const pageOctets = 2 ** 20;

/**
 * Short runs of octets, a million of them in some hundred pages: an array of its own takes each a hundred octets more and the
 * collector's attention. A page whose runs have all been freed is given back.
 */
export class OctetSlab {
  readonly #pages: (Uint8Array | undefined)[] = [];
  /** Runs in each page that have not been freed. */
  readonly #runs: number[] = [];
  readonly #free: number[] = [];
  /** The page that is being filled, and how far it is. */
  #page = -1;
  #used = 0;

  /** Keeps a copy. @param octets no more than a mebibyte */
  add(octets: Uint8Array): SlabPlace {
    if (this.#page < 0 || this.#used + octets.length > pageOctets) this.#begin();
    const at = this.#used;
    this.#pages[this.#page]!.set(octets, at);
    this.#runs[this.#page]! += 1;
    this.#used = at + octets.length;
    return this.#page * pageOctets + at;
  }

  /** The octets as they are kept, not a copy: valid until they are freed. */
  get(place: SlabPlace, length: number): Uint8Array {
    const at = place % pageOctets;
    return this.#pages[(place - at) / pageOctets]!.subarray(at, at + length);
  }

  /** Gives a run up, once: its place may soon be another's. */
  free(place: SlabPlace): void {
    const page = Math.floor(place / pageOctets);
    this.#runs[page]! -= 1;
    if (this.#runs[page] === 0 && page !== this.#page) this.#release(page);
  }

  /** Pages that are held. */
  get pages(): number {
    return this.#pages.length - this.#free.length;
  }

  #begin(): void {
    const former = this.#page;
    this.#page = this.#free.pop() ?? this.#pages.length;
    this.#pages[this.#page] = new Uint8Array(pageOctets);
    this.#runs[this.#page] = 0;
    this.#used = 0;
    if (former >= 0 && this.#runs[former] === 0) this.#release(former);
  }

  #release(page: number): void {
    this.#pages[page] = undefined;
    this.#free.push(page);
  }
}
