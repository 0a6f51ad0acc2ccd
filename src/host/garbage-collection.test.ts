import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { constants, PerformanceObserver } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';
import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { tuneGarbageCollection, youngGenerationOption } from './garbage-collection.ts';

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

/** Keeps most of what it allocates for some time, so that the young generation grows as far as it may. */
const grower = `
  const { getHeapSpaceStatistics } = require('node:v8');
  const kept = [];
  for (let number = 0; number < 1_500_000; number += 1) {
    kept.push({ number, list: [number] });
    if (kept.length > 200_000) kept.splice(0, 150_000);
  }
  const young = getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space');
  require('node:worker_threads').parentPort.postMessage(young.space_size / 2 ** 20);
`;

/** The young generation of a thread, both halves of it, in MiB. */
async function youngGenerationOfThread(): Promise<number> {
  const thread = new Worker(grower, { eval: true });
  const [mebibytes] = (await once(thread, 'message')) as [number];
  await thread.terminate();
  return mebibytes;
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

  it('copies no more of the young generation of a thread at once than the launcher lets the process', async () => {
    setFlagsFromString('--max-semi-space-size=64');
    const before = await youngGenerationOfThread();
    tuneGarbageCollection();
    const after = await youngGenerationOfThread();
    expect(before).toBeGreaterThan(16);
    expect(after).toBeLessThanOrEqual(16);
    expect(readFileSync(new URL('../../samog', import.meta.url), 'utf8')).toContain(youngGenerationOption);
  }, 30_000);
});
