import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';

/**
 * How often the whole heap is collected while buffers of 940 MiB are allocated beside 300,000 sessions, and none of the buffers
 * kept. In a process of its own whose collector has one thread and works at once, or a busy machine would have a say.
 */
function collectionsOfAll(prepare: string): number {
  const script = `
    import { GCProfiler } from 'node:v8';
    import { tuneGarbageCollection } from '${new URL('garbage-collection.ts', import.meta.url)}';
    ${prepare}
    const sessions = Array.from({ length: 300_000 }, (_, id) => ({ id, addresses: [id] }));
    const profiler = new GCProfiler();
    profiler.start();
    for (let block = 0; block < 60_000; block += 1) {
      new Uint8Array(16_384);
      if (block % 500 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    const ofAll = profiler.stop().statistics.filter(({ gcType }) => gcType === 'MarkSweepCompact');
    console.log(JSON.stringify([ofAll.length, sessions.length]));`;
  const flags = ['--single-threaded-gc', '--no-incremental-marking', '--input-type=module'];
  const [ofAll, sessions] = JSON.parse(
    execFileSync(process.execPath, [...flags, '--eval', script], { encoding: 'utf8' }),
  );
  expect(sessions).toBe(300_000);
  return ofAll;
}

describe('garbage collection', () => {
  it('is not of the whole heap for every 64 MiB of buffers', () => {
    expect(collectionsOfAll('')).toBeGreaterThanOrEqual(10);
    expect(collectionsOfAll('tuneGarbageCollection();')).toBeLessThanOrEqual(3);
  });
});
