import { constants, PerformanceObserver } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';
import { describe, expect, it } from 'vitest';
import { tuneGarbageCollection } from './garbage-collection.ts';

const blockOctets = 16_384;
const blocks = 30_000;

/** How often the whole heap was collected while buffers of 470 MiB were allocated, and none of them kept. */
async function collectionsOfAll(): Promise<number> {
  let count = 0;
  const observer = new PerformanceObserver((list) => {
    for (const { detail } of list.getEntries() as { detail?: { kind?: number } }[]) {
      if (detail?.kind === constants.NODE_PERFORMANCE_GC_MAJOR) count += 1;
    }
  });
  observer.observe({ entryTypes: ['gc'] });
  let octets = 0;
  for (let block = 0; block < blocks; block += 1) {
    octets += new Uint8Array(blockOctets).length;
    if (block % 500 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  expect(octets).toBe(blocks * blockOctets);
  await new Promise((resolve) => setTimeout(resolve, 20));
  observer.disconnect();
  return count;
}

describe('garbage collection', () => {
  it('is not of the whole heap for every 64 MiB of buffers', async () => {
    const sessions = Array.from({ length: 300_000 }, (_, id) => ({ id, addresses: [id] }));
    setFlagsFromString('--no-external-memory-accounted-in-global-limit');
    const before = await collectionsOfAll();
    tuneGarbageCollection();
    const after = await collectionsOfAll();
    expect(before).toBeGreaterThanOrEqual(4);
    expect(after).toBeLessThanOrEqual(before / 2);
    expect(sessions).toHaveLength(300_000);
  });
});
