/** Where a session is in the kernel's maps, from 0. */
export type Place = number;

/** How places are dealt: each session manager instance has as many, and they follow one another. */
export interface Homes {
  readonly instances: number;
  readonly placesEach: number;
}

/** Which bits of an identifier tell a place of its instance: enough of them for all places. */
export function homeMaskOf(placesEach: number): number {
  return 2 ** Math.ceil(Math.log2(placesEach)) - 1;
}

/**
 * The place that the program looks at first for an identifier (`home_of` of `bpf/examine.h`), and which therefore costs least: no
 * index is asked. Identifiers are random, so that places are no more guessable than they are; `sessmgr` draws those first whose home
 * is free. What names a place beyond those of its instance has no home.
 */
export function homePlaceOf(id: number, { instances, placesEach }: Homes): Place | undefined {
  const within = (Math.floor(id / instances) & homeMaskOf(placesEach)) >>> 0;
  return within < placesEach ? (id % instances) * placesEach + within : undefined;
}
