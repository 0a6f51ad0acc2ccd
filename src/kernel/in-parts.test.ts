import { expect, it } from 'vitest';
import { atOnce, type InParts, withPauses } from './in-parts.ts';

function* countTo(last: number, log: string[]): InParts<number> {
  for (let count = 1; count < last; count += 1) {
    log.push(`${count}`);
    yield;
  }
  log.push(`${last}`);
  return last;
}

it('is done at once', () => {
  const log: string[] = [];
  expect(atOnce(countTo(3, log))).toBe(3);
  expect(log).toEqual(['1', '2', '3']);
});

it('is done with a pause between any two parts', async () => {
  const log: string[] = [];
  const pause = async () => void log.push('pause');
  expect(await withPauses(countTo(3, log), pause)).toBe(3);
  expect(log).toEqual(['1', 'pause', '2', 'pause', '3']);
  expect(await withPauses(countTo(2, []), undefined)).toBe(2);
});
