import type { MacAddress } from '../../kernel/address.ts';
import type { RandomSource } from '../../kernel/context.ts';

/** Which of so many instances has the sessions of a UE, for their whole life and on both chassis of a pair: from 0. */
export function instanceOfMac(mac: MacAddress, count: number): number {
  // The low 32 bits: what a filter in the kernel loads in one go, and where vendors number their devices.
  return (mac % 0x100000000) % count;
}

/** Which of so many instances gave an identifier or GRE key to its session: from 0. */
export function instanceOfKey(key: number, count: number): number {
  return key % count;
}

/** A random identifier of 32 bits, not zero, that says of which instance it is. */
export function drawKey(random: RandomSource, index: number, count: number): number {
  for (;;) {
    const drawn = random.u32();
    const key = drawn - (drawn % count) + index;
    if (key !== 0 && key <= 0xffffffff) return key;
  }
}

/** With nine tenths of all that is preferred used up, four identifiers of five still are. */
const drawsForPreferred = 16;

/** An identifier that is not taken: a preferred one if there is one among the first that are drawn, and any other if not. */
export function drawUnused(
  draw: () => number,
  isTaken: (id: number) => boolean,
  isPreferred: (id: number) => boolean,
): number {
  for (let drawn = 1; ; drawn += 1) {
    const id = draw();
    if (!isTaken(id) && (isPreferred(id) || drawn >= drawsForPreferred)) return id;
  }
}
