/** A thread that fills and empties its part of an index while others do the same with theirs. */
import { parentPort, workerData } from 'node:worker_threads';
import { PlaceIndex } from '../../src/forwarding/fast-path/place-index.ts';

export interface IndexThreadPlan {
  readonly words: SharedArrayBuffer;
  /** One word: how many of the threads have begun. */
  readonly begun: SharedArrayBuffer;
  readonly threads: number;
  /** Its names, each of which leads to its place in the list behind `firstPlace`. */
  readonly names: readonly number[];
  readonly firstPlace: number;
  readonly rounds: number;
}

export interface IndexThreadOutcome {
  /** Names that another thread has overwritten. */
  readonly lost: number;
  readonly leftOut: readonly number[];
}

const { words, begun, threads, names, firstPlace, rounds } = workerData as IndexThreadPlan;
const index = new PlaceIndex<number>(new Int32Array(words));
const count = new Int32Array(begun);
Atomics.add(count, 0, 1);
while (Atomics.load(count, 0) < threads);
let lost = 0;
for (let round = 0; round < rounds; round += 1) {
  for (const [place, name] of names.entries()) index.set(name, firstPlace + place);
  lost += names.filter((name, place) => !index.isLeftOut(name) && index.get(name) !== firstPlace + place).length;
  if (round < rounds - 1) for (const name of names) index.delete(name);
}
parentPort!.postMessage({ lost, leftOut: names.filter((name) => index.isLeftOut(name)) } satisfies IndexThreadOutcome);
