/**
 * A hash table from non-negative integers (up to 2^53 - 1) to slot numbers, in one typed array.
 *
 * It exists because flow table, session registry and replication have indices of a million keys each: a Map boxes a MAC
 * address at every look-up and scatters its entries, here a look-up makes nothing and mostly touches one cache line. Open
 * addressing with linear probing, at most half full; removal shifts the following entries back, so there are no tombstones
 * and look-ups stay short. 32 to 64 octets an entry.
 *
 * A table that has become too small is left behind a few places at a time, by each key that comes: to move half a million
 * sessions at once takes 30 ms, and all indices of a gateway would at the same session.
 */
export class NumberIndex {
  /** Places of two numbers: a key, and its slot number plus one; 0 there marks an empty place. */
  #places = new Float64Array(2 * initialCapacity);
  #mask = initialCapacity - 1;
  #size = 0;
  /** What has not moved yet of the table that is being left. */
  #former: LeftTable | undefined;

  get size(): number {
    return this.#size;
  }

  /** Makes room for so many keys at once: growing on the way there costs as much as filling it. */
  reserve(keys: number): void {
    let capacity = this.#mask + 1;
    while (keys * 2 > capacity) capacity *= 2;
    if (capacity > this.#mask + 1) {
      this.#move(Number.POSITIVE_INFINITY);
      this.#grow(capacity);
      this.#move(Number.POSITIVE_INFINITY);
    }
  }

  /** Removes all keys; the memory stays. */
  clear(): void {
    this.#places.fill(0);
    this.#former = undefined;
    this.#size = 0;
  }

  /** The slot of a key, or -1. */
  get(key: number): number {
    // Nothing is looked for in an empty table: it may be a large one that has not been touched yet.
    if (this.#size === 0) return -1;
    const found = this.#places[2 * this.#placeOf(key) + 1]!;
    return found === 0 && this.#former !== undefined ? this.#former.get(key) - 1 : found - 1;
  }

  /** Adds a key, or gives it another slot. */
  set(key: number, slot: number): void {
    let place = this.#placeOf(key);
    if (this.#isEmpty(place)) {
      if (this.#former === undefined || !this.#former.take(key)) {
        if ((this.#size + 1) * 2 > this.#mask + 1) {
          this.#move(Number.POSITIVE_INFINITY);
          this.#grow(2 * (this.#mask + 1));
          place = this.#placeOf(key);
        }
        this.#size += 1;
      }
      if (this.#former !== undefined) {
        this.#move(movedAtOnce);
        place = this.#placeOf(key);
      }
    }
    this.#put(place, key, slot + 1);
  }

  /** Removes a key; does nothing if it is not there. */
  delete(key: number): void {
    let hole = this.#placeOf(key);
    if (this.#isEmpty(hole)) {
      if (this.#former?.take(key) === true) this.#size -= 1;
      return;
    }
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

  /** Goes on with an empty table; the other one is left. */
  #grow(capacity: number): void {
    this.#former = new LeftTable(this.#places);
    this.#places = new Float64Array(2 * capacity);
    this.#mask = capacity - 1;
  }

  /** Moves what is in so many places of the table that is left. */
  #move(places: number): void {
    if (this.#former === undefined) return;
    this.#former.leave(places, (key, slotPlusOne) => this.#put(this.#placeOf(key), key, slotPlusOne));
    if (this.#former.isLeft) this.#former = undefined;
  }
}

/** A table to which nothing comes. What has gone from it keeps its place, so that look-ups find what is behind. */
class LeftTable {
  readonly #places: Float64Array;
  /** Before it everything has gone. */
  #from = 0;

  constructor(places: Float64Array) {
    this.#places = places;
  }

  get isLeft(): boolean {
    return this.#from === this.#places.length;
  }

  /** The slot number of a key plus one, or 0. */
  get(key: number): number {
    return Math.max(this.#places[this.#placeOf(key) + 1]!, 0);
  }

  /** Whether it had the key, which has gone now. */
  take(key: number): boolean {
    const place = this.#placeOf(key);
    if (this.#places[place + 1]! <= 0) return false;
    this.#places[place + 1] = gone;
    return true;
  }

  /** Gives away what is in so many places. */
  leave(count: number, to: (key: number, slotPlusOne: number) => void): void {
    const end = Math.min(this.#from + 2 * count, this.#places.length);
    for (; this.#from < end; this.#from += 2) {
      const slotPlusOne = this.#places[this.#from + 1]!;
      if (slotPlusOne > 0) to(this.#places[this.#from]!, slotPlusOne);
      if (slotPlusOne !== 0) this.#places[this.#from + 1] = gone;
    }
  }

  #placeOf(key: number): number {
    const places = this.#places;
    const mask = places.length - 2;
    let place = (hash(key) << 1) & mask;
    while (places[place + 1]! !== 0 && places[place]! !== key) place = (place + 2) & mask;
    return place;
  }
}

/** Of the places of a table that is left: it is behind long before the next one is full. */
const movedAtOnce = 16;
/** In the place of a slot number. */
const gone = -1;

/** A power of two, as the mask needs. */
const initialCapacity = 64;

/** Mixes both halves of the key (the finaliser of MurmurHash3), so that neither serial numbers nor vendor codes cluster. */
function hash(key: number): number {
  let mixed = (key >>> 0) ^ Math.imul((key / 0x100000000) | 0, 0x9e3779b1);
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}
