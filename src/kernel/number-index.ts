/**
 * A hash table from non-negative integers (up to 2^53 - 1) to slot numbers, in one typed array.
 *
 * It exists because flow table, session registry and replication have indices of a million keys each: a Map boxes a MAC
 * address at every look-up and scatters its entries, here a look-up makes nothing and mostly touches one cache line. Open
 * addressing with linear probing, at most half full; removal shifts the following entries back, so there are no tombstones
 * and look-ups stay short. 32 to 64 octets an entry.
 */
export class NumberIndex {
  /** Places of two numbers: a key, and its slot number plus one; 0 there marks an empty place. */
  #places = new Float64Array(2 * initialCapacity);
  #mask = initialCapacity - 1;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Makes room for so many keys at once: growing on the way there costs as much as filling it. */
  reserve(keys: number): void {
    let capacity = this.#mask + 1;
    while (keys * 2 > capacity) capacity *= 2;
    if (capacity > this.#mask + 1) this.#grow(capacity);
  }

  clear(): void {
    this.#places.fill(0);
    this.#size = 0;
  }

  /** The slot of a key, or -1. */
  get(key: number): number {
    // Nothing is looked for in an empty table: it may be a large one that has not been touched yet.
    if (this.#size === 0) return -1;
    return this.#places[2 * this.#placeOf(key) + 1]! - 1;
  }

  /** Adds a key, or gives it another slot. */
  set(key: number, slot: number): void {
    let place = this.#placeOf(key);
    if (this.#isEmpty(place)) {
      if ((this.#size + 1) * 2 > this.#mask + 1) {
        this.#grow(2 * (this.#mask + 1));
        place = this.#placeOf(key);
      }
      this.#size += 1;
    }
    this.#put(place, key, slot + 1);
  }

  delete(key: number): void {
    let hole = this.#placeOf(key);
    if (this.#isEmpty(hole)) return;
    this.#size -= 1;
    const mask = this.#mask;
    for (let place = (hole + 1) & mask; !this.#isEmpty(place); place = (place + 1) & mask) {
      const moved = this.#places[2 * place]!;
      // An entry may fill the hole unless its home lies behind the hole, where a look-up would start too late.
      if (((place - hash(moved)) & mask) < ((place - hole) & mask)) continue;
      this.#put(hole, moved, this.#places[2 * place + 1]!);
      hole = place;
    }
    this.#put(hole, 0, 0);
  }

  /** Where the key is, or the empty place where it belongs. */
  #placeOf(key: number): number {
    const places = this.#places;
    const mask = this.#mask;
    let place = hash(key) & mask;
    while (places[2 * place + 1]! !== 0 && places[2 * place]! !== key) place = (place + 1) & mask;
    return place;
  }

  #isEmpty(place: number): boolean {
    return this.#places[2 * place + 1]! === 0;
  }

  #put(place: number, key: number, slotPlusOne: number): void {
    this.#places[2 * place] = key;
    this.#places[2 * place + 1] = slotPlusOne;
  }

  #grow(capacity: number): void {
    const former = this.#places;
    this.#places = new Float64Array(2 * capacity);
    this.#mask = capacity - 1;
    for (let at = 0; at < former.length; at += 2) {
      if (former[at + 1]! !== 0) this.#put(this.#placeOf(former[at]!), former[at]!, former[at + 1]!);
    }
  }
}

/** A power of two, as the mask needs. */
const initialCapacity = 64;

/** Mixes both halves of the key (the finaliser of MurmurHash3), so that neither serial numbers nor vendor codes cluster. */
function hash(key: number): number {
  let mixed = (key >>> 0) ^ Math.imul((key / 0x100000000) | 0, 0x9e3779b1);
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}
