import { fnv1a64 } from '../../../kernel/fnv.ts';
import { utf8Encode } from '../../../wire/bytes/text.ts';

/**
 * Rendezvous hashing with weights (highest random weight): of several candidates the one with the greatest score for a
 * key is taken. Whoever knows the names and weights finds the same one, without memory; of the keys a candidate had,
 * only those move when it goes, and they spread over the others.
 */
export function rendezvousScore(key: number, candidate: number, weight: number): number {
  const uniform = (mixed(key ^ candidate) + 0.5) / 0x100000000;
  return -weight / Math.log(uniform);
}

/** 32 bits that stand for a text, as key or as candidate. */
export function rendezvousHash(text: string): number {
  const { high, low } = fnv1a64(utf8Encode(text));
  return mixed(high ^ low);
}

/** Lets each bit change every other with even chance (the finalizer of MurmurHash3): FNV leaves the last octets' mark. */
function mixed(value: number): number {
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return (value ^ (value >>> 16)) >>> 0;
}
