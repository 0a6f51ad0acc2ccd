import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { PlaceIndex, wordsOfSet } from '../../src/forwarding/fast-path/place-index.ts';
import type { IndexThreadOutcome, IndexThreadPlan } from './index-thread.ts';

const sets = 256;
const threads = 2;
/** Together they nearly fill it, so that most look for room where others do. */
const namesEach = 1800;

describe('an index that several threads write at once', () => {
  it('loses no name of any, and has none twice', async () => {
    const words = new SharedArrayBuffer(sets * wordsOfSet * Int32Array.BYTES_PER_ELEMENT);
    const begun = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
    const namesOf = (thread: number): number[] =>
      Array.from({ length: namesEach }, (_, each) => 1 + thread + each * threads);
    const leftOut = await Promise.all(
      Array.from({ length: threads }, async (_, thread) => {
        const own = { names: namesOf(thread), firstPlace: thread * namesEach };
        const plan: IndexThreadPlan = { words, begun, threads, rounds: 200, ...own };
        const worker = new Worker(new URL('./index-thread.ts', import.meta.url), { workerData: plan });
        const [outcome] = (await once(worker, 'message')) as [IndexThreadOutcome];
        expect(outcome.lost).toBe(0);
        return new Set(outcome.leftOut);
      }),
    );
    const index = new PlaceIndex<number>(new Int32Array(words));
    const wrong = Array.from({ length: threads }, (_, thread) =>
      namesOf(thread).filter(
        (name, each) => index.get(name) !== (leftOut[thread]!.has(name) ? undefined : thread * namesEach + each),
      ),
    );
    expect(wrong).toEqual([[], []]);
    // Each slot leads somewhere else.
    const places = new Int32Array(words).filter((word, at) => at % 2 === 0 && word !== 0);
    expect(new Set(places).size).toBe(places.length);
    const known = threads * namesEach - leftOut.reduce((sum, { size }) => sum + size, 0);
    expect(places.length).toBe(known);
  });
});
