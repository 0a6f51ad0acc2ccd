import { GCProfiler, setFlagsFromString } from 'node:v8';
import { describe, expect, it } from 'vitest';
import { tuneGarbageCollection } from './garbage-collection.ts';

const blockOctets = 16_384;
const blocks = 60_000;

/** How often the whole heap is collected while buffers of 940 MiB are allocated, and none of them kept. */
async function collectionsOfAll(): Promise<number> {
  const profiler = new GCProfiler();
  profiler.start();
  let octets = 0;
  for (let block = 0; block < blocks; block += 1) {
    octets += new Uint8Array(blockOctets).length;
    if (block % 500 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  const { statistics } = profiler.stop()!;
  expect(octets).toBe(blocks * blockOctets);
  return statistics.filter(({ gcType }) => gcType === 'MarkSweepCompact').length;
}

describe('garbage collection', () => {
  it('is not of the whole heap for every 64 MiB of buffers', async () => {
    const sessions = Array.from({ length: 300_000 }, (_, id) => ({ id, addresses: [id] }));
    setFlagsFromString('--no-external-memory-accounted-in-global-limit');
    const before = await collectionsOfAll();
    tuneGarbageCollection();
    // V8 sets its limits anew with each collection, and a collector that a busy machine holds up collects more often.
    let after = before;
    for (let turn = 0; turn < 10 && after > 0.7 * before; turn += 1) after = await collectionsOfAll();
    expect(before).toBeGreaterThanOrEqual(10);
    expect(after).toBeLessThanOrEqual(0.7 * before);
    expect(sessions).toHaveLength(300_000);
  });
});
