import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { threadTimes, timesEach } from './thread-times.ts';

describe('the times of threads', () => {
  it('are told apart by the names that the threads of a gateway have', async () => {
    const before = threadTimes();
    const work = `let sum = 0; for (let number = 0; number < 3e7; number += 1) sum += number % 7;
      require('node:worker_threads').parentPort.on('message', () => process.exit()).postMessage(sum);`;
    const threads = ['samog-link', 'samog-store'].map((name) => new Worker(work, { eval: true, name }));
    await Promise.all(threads.map((thread) => once(thread, 'message')));
    const { link, store } = timesEach(before.ran, threadTimes().ran, 2);
    for (const thread of threads) thread.postMessage('end');
    expect(link).toBeGreaterThan(1000);
    expect(store).toBeGreaterThan(1000);
  });

  it('tell how long a thread had no processor', () => {
    const { waited } = threadTimes();
    for (let turn = 0; turn < 50; turn += 1) readdirSync('/proc/self/task');
    const later = threadTimes().waited;
    expect(later.main).toBeGreaterThanOrEqual(waited.main);
    expect(later.main).toBeGreaterThan(0);
  });
});
