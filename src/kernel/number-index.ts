/**
 * A hash table from non-negative integers (up to 2^53 - 1) to slot numbers, in typed arrays.
 *
 * It exists because flow table, session registry and replication have indices of a million keys each: a Map boxes a MAC
 * address at every look-up and scatters its entries, here a look-up makes nothing and mostly touches one cache line. Open
 * addressing with linear probing, at most half full; removal shifts the following entries back, so there are no tombstones
 * and look-ups stay short. 32 to 64 octets an entry.
 *
 * The keys are dealt out to parts, each of which grows by itself: a table in one piece, of half a million sessions, would stand
 * still for 30 ms to double, and all those of a gateway would at the same session.
 */
export class NumberIndex {
  /** Places of two numbers: a key, and its slot number plus one; 0 there marks an empty place. */
  readonly #parts: Float64Array[] = new Array<Float64Array>(partCount).fill(noPlaces);
  readonly #sizes = new Uint32Array(partCount);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Makes room for so many keys at once: growing on the way there costs as much as filling it. */
  reserve(keys: number): void {
    let length = keys > 0 ? placesMin : 0;
    while (Math.ceil(keys / partCount) * 4 > length) length *= 2;
    for (let part = 0; part < partCount; part += 1) {
      if (length > this.#parts[part]!.length) this.#grow(part, length);
    }
  }

  clear(): void {
    for (const places of this.#parts) places.fill(0);
    this.#sizes.fill(0);
    this.#size = 0;
  }

  /** The slot of a key, or -1. */
  get(key: number): number {
    // Nothing is looked for in an empty table: it may be a large one that has not been touched yet.
    if (this.#size === 0) return -1;
    const mixed = hash(key);
    const places = this.#parts[mixed >>> partShift]!;
    return places[placeOf(places, key, mixed) + 1]! - 1;
  }

  /** Adds a key, or gives it another slot. */
  set(key: number, slot: number): void {
    const mixed = hash(key);
    const part = mixed >>> partShift;
    let places = this.#parts[part]!;
    let place = placeOf(places, key, mixed);
    if (isEmpty(places, place)) {
      this.#size += 1;
      this.#sizes[part]! += 1;
      if (this.#sizes[part]! * 4 > places.length) {
        places = this.#grow(part, Math.max(2 * places.length, placesMin));
        place = placeOf(places, key, mixed);
      }
      places[place] = key;
    }
    places[place + 1] = slot + 1;
  }

  delete(key: number): void {
    const mixed = hash(key);
    const part = mixed >>> partShift;
    const places = this.#parts[part]!;
    let hole = placeOf(places, key, mixed);
    if (isEmpty(places, hole)) return;
    this.#size -= 1;
    this.#sizes[part]! -= 1;
    const mask = maskOf(places);
    for (let place = (hole + 2) & mask; !isEmpty(places, place); place = (place + 2) & mask) {
      const moved = places[place]!;
      // An entry may fill the hole unless its home lies behind the hole, where a look-up would start too late.
      if (((place - (hash(moved) << 1)) & mask) < ((place - hole) & mask)) continue;
      places[hole] = moved;
      places[hole + 1] = places[place + 1]!;
      hole = place;
    }
    places[hole] = 0;
    places[hole + 1] = 0;
  }

  #grow(part: number, length: number): Float64Array {
    const former = this.#parts[part]!;
    const places = new Float64Array(length);
    for (let from = 0; from < former.length; from += 2) {
      if (isEmpty(former, from)) continue;
      const key = former[from]!;
      const place = placeOf(places, key, hash(key));
      places[place] = key;
      places[place + 1] = former[from + 1]!;
    }
    this.#parts[part] = places;
    return places;
  }
}

/** By the first bits of the hash; the last ones say where in the part a key belongs. */
const partBits = 8;
const partCount = 1 << partBits;
const partShift = 32 - partBits;
/** Numbers in a part: a power of two, as the mask needs. */
const placesMin = 16;
/** Of a part without a key; never written to, because it is too short for one. */
const noPlaces = new Float64Array(2);

/** For the first number of a place, which is an even one. */
function maskOf(places: Float64Array): number {
  return places.length - 2;
}

function isEmpty(places: Float64Array, place: number): boolean {
  return places[place + 1]! === 0;
}

/** Where the key is, or the empty place where it belongs. */
function placeOf(places: Float64Array, key: number, mixed: number): number {
  const mask = maskOf(places);
  let place = (mixed << 1) & mask;
  while (places[place + 1]! !== 0 && places[place]! !== key) place = (place + 2) & mask;
  return place;
}

/** Mixes both halves of the key (the finaliser of MurmurHash3), so that neither serial numbers nor vendor codes cluster. */
function hash(key: number): number {
  let mixed = (key >>> 0) ^ Math.imul((key / 0x100000000) | 0, 0x9e3779b1);
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}
