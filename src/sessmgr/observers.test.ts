import { expect, it } from 'vitest';
import { established } from '../../tests/support/session-samples.ts';
import { observers } from './observers.ts';

it('tells every observer, in order', () => {
  const told: string[] = [];
  const named = (name: string) => ({ changed: (...what: unknown[]) => void told.push(`${name} ${what.length}`) });
  observers(named('first'), named('second')).changed(undefined, established(), 5, undefined);
  expect(told).toEqual(['first 4', 'second 4']);
});
