import { describe, expect, it } from 'vitest';
import { Progress, progressText } from './progress.ts';

describe('progress', () => {
  it.each([
    [0, 100, 500, undefined, 'runs: 0 of 100'],
    [25_000, 100_000, 5000, undefined, 'runs: 25,000 of 100,000, 5,000 a second, 15 s left'],
    [3, 10, 2000, '1 with violations', 'runs: 3 of 10, 1.5 a second, 5 s left, 1 with violations'],
    [10, 1000, 10_000, undefined, 'runs: 10 of 1,000, 1 a second, 16 min 30 s left'],
    [1, 10_000, 1000, undefined, 'runs: 1 of 10,000, 1 a second, 2 h 46 min left'],
    [100, 100, 10_000, undefined, 'runs: 100 of 100, 10 a second, 0 s left'],
  ])('of %i of %i after %i ms says %s', (done, total, elapsedMs, note, text) => {
    expect(progressText('runs', done, total, elapsedMs, note)).toBe(text);
  });

  /** Ten pieces of work, of so many milliseconds each. */
  function told(isTerminal: boolean, pieceMs: number): string[] {
    const written: string[] = [];
    let at = 0;
    const output = { isTerminal, write: (text: string) => void written.push(text) };
    const progress = new Progress('runs', 10, output, () => at);
    for (let done = 1; done <= 10; done++) {
      at += pieceMs;
      progress.reached(done);
    }
    progress.end();
    return written;
  }

  it('tells nothing of what takes less than a second', () => {
    expect(told(true, 90)).toEqual([]);
    expect(told(false, 90)).toEqual([]);
  });

  it('paints one line of a terminal, not too often, and takes it away', () => {
    const written = told(true, 150);
    expect(written[0]).toBe('\r\x1b[Kruns: 7 of 10, 6.7 a second, 1 s left');
    expect(written).toHaveLength(3);
    expect(written.at(-1)).toBe('\r\x1b[K');
  });

  it('writes a plain line every ten seconds elsewhere', () => {
    expect(told(false, 2500)).toEqual([
      'runs: 4 of 10, 0.4 a second, 15 s left\n',
      'runs: 8 of 10, 0.4 a second, 5 s left\n',
    ]);
  });
});
