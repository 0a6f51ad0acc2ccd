import type { Place } from './home-place.ts';
import { placeSet } from './layout.ts';

/**
 * From names to places, in memory that the kernel's program reads while it is written (`place_of` of `bpf/examine.h` is the other side).
 *
 * A name is a number of 32 bits, or of 48. Its low 32 bits and the next eight stand in its slot; the rest and a mixture of all that
 * choose the set of 16 slots, so that no two names look alike in one set. Slots of a set are two cache lines that follow one
 * another: more often than not the first of them says it all, and a hash table of the kernel's would take three from anywhere.
 *
 * A set that is full takes no more names: they are left out, which costs their sessions nothing but the fast path, until there is
 * room. With two and a half slots for each place, that happens to one in a hundred thousand.
 *
 * Several threads write one memory, each the names of its own sessions: who takes an empty slot does so by one compare-and-exchange of
 * the whole slot, and nobody but who took it changes it afterwards. What one of them has left out learns of room that another makes
 * when it is set again.
 */

/** Words of 32 bits: what is put last, the place and one beside eight bits of the name; and its low bits. */
const wordsOfSlot = 2;
export const wordsOfSet = placeSet.slots * wordsOfSlot;
export const setOctets = wordsOfSet * 4;

/** Fewer could not tell names apart: the highest eight bits of one are in the number of its set alone. */
const setsMin = 256;
const slotsPerPlace = 2.5;
const { placeBits } = placeSet;
const placeMask = 2 ** placeBits - 1;
/** What a slot can say. */
export const placesMost = placeMask - 1;

/** How many sets so many places take: a power of two. */
export function setsFor(places: number): number {
  return Math.max(setsMin, 2 ** Math.ceil(Math.log2((places * slotsPerPlace) / placeSet.slots)));
}

/** What a slot has of a name beside its low bits, in its own high bits; and the number of its set, before it is cut to their number. */
function partOf(name: number): number {
  return Math.floor(name / 2 ** 32) & 0xff;
}

/** The finalizer of MurmurHash3, which mixes 32 bits, added to what the slot does not say. */
function homeOf(name: number): number {
  let mixed = (name >>> 0) ^ Math.imul(partOf(name), 0x9e3779b1);
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return ((mixed ^ (mixed >>> 16)) + Math.floor(name / 2 ** 40)) >>> 0;
}

/** One index in such memory: names are set and removed, and those left out are known, until there is room for them. */
export class PlaceIndex<Name extends number> {
  readonly #words: Int32Array;
  /** The same memory, a slot each. */
  readonly #slots: BigInt64Array;
  readonly #sets: number;
  /** By the set they would be in. */
  readonly #leftOut = new Map<number, Map<Name, Place>>();

  /**
   * @param words `wordsOfSet` for each set, of which there are a power of two and at least 256, aligned to eight octets; whatever
   * they hold is taken over
   */
  constructor(words: Int32Array) {
    this.#words = words;
    this.#slots = new BigInt64Array(words.buffer, words.byteOffset, words.length / wordsOfSlot);
    this.#sets = words.length / wordsOfSet;
  }

  get sets(): number {
    return this.#sets;
  }

  /** The place of a name; undefined if nothing leads there. */
  get(name: Name): Place | undefined {
    const at = this.#slotOf(name);
    return at === undefined ? undefined : this.#placeAt(at);
  }

  /** Whether there was no room for the name. */
  isLeftOut(name: Name): boolean {
    return this.#leftOut.get(this.#setOf(name))?.has(name) ?? false;
  }

  /** Has the name lead to a place, from one packet to the next. */
  set(name: Name, place: Place): void {
    const set = this.#setOf(name);
    const at = this.#slotOf(name);
    const word = ((partOf(name) << placeBits) | (place + 1)) >> 0;
    if (at !== undefined) Atomics.store(this.#words, at, word);
    else if (this.#takeSlot(set, name, word)) this.#forgetLeftOut(set, name);
    else {
      const others = this.#leftOut.get(set) ?? new Map<Name, Place>();
      this.#leftOut.set(set, others.set(name, place));
    }
  }

  /** Has the name lead nowhere; returns whether it led anywhere. */
  delete(name: Name): boolean {
    const set = this.#setOf(name);
    this.#forgetLeftOut(set, name);
    const at = this.#slotOf(name);
    if (at !== undefined) this.#empty(set, at);
    return at !== undefined;
  }

  /**
   * Empties the slots of some sets that lead where nothing is to; returns how many.
   *
   * @param nameOf what is to lead to a place
   * @param isOurs false for the places of other threads, whose slots are left alone
   */
  clearStrangers(
    fromSet: number,
    toSet: number,
    nameOf: (place: Place) => Name | undefined,
    isOurs: (place: Place) => boolean = () => true,
  ): number {
    let strangers = 0;
    for (let set = fromSet; set < toSet; set += 1) {
      for (let at = set * wordsOfSet; at < (set + 1) * wordsOfSet; at += wordsOfSlot) {
        const place = this.#placeAt(at);
        if (place === undefined || !isOurs(place)) continue;
        const name = nameOf(place);
        if (name !== undefined && this.#slotOf(name) === at) continue;
        this.#empty(set, at);
        strangers += 1;
      }
    }
    return strangers;
  }

  #setOf(name: Name): number {
    return homeOf(name) & (this.#sets - 1);
  }

  #placeAt(at: number): Place | undefined {
    const place = this.#words[at]! & placeMask;
    return place === 0 ? undefined : place - 1;
  }

  #slotOf(name: Name): number | undefined {
    const first = this.#setOf(name) * wordsOfSet;
    const [low, part] = [name >> 0, partOf(name)];
    for (let at = first; at < first + wordsOfSet; at += wordsOfSlot) {
      const word = this.#words[at]!;
      if ((word & placeMask) !== 0 && this.#words[at + 1] === low && word >>> placeBits === part) return at;
    }
    return undefined;
  }

  /** Puts a name into an empty slot of its set; false if there is none. */
  #takeSlot(set: number, name: Name, word: number): boolean {
    const taken = (BigInt(name >> 0) << 32n) | BigInt(word >>> 0);
    const first = (set * wordsOfSet) / wordsOfSlot;
    for (let slot = first; slot < first + placeSet.slots; slot += 1) {
      if (this.#placeAt(slot * wordsOfSlot) !== undefined) continue;
      // An empty slot has no place, whatever else it still says.
      const empty = Atomics.load(this.#slots, slot);
      if (Number(BigInt.asUintN(placeBits, empty)) !== 0) continue;
      if (Atomics.compareExchange(this.#slots, slot, empty, taken) === empty) return true;
    }
    return false;
  }

  /** Empties a slot, and gives it to one that was left out. */
  #empty(set: number, at: number): void {
    Atomics.store(this.#words, at, 0);
    const next = this.#leftOut.get(set)?.entries().next();
    if (next === undefined || next.done) return;
    const [name, place] = next.value;
    this.#forgetLeftOut(set, name);
    this.set(name, place);
  }

  #forgetLeftOut(set: number, name: Name): void {
    const others = this.#leftOut.get(set);
    if (others?.delete(name) && others.size === 0) this.#leftOut.delete(set);
  }
}
