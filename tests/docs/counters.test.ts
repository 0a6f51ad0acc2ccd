import { describe, expect, it } from 'vitest';
import { counterLists, counterSentences } from '../../tools/counter-reference.ts';

describe('the reference of counters', () => {
  it.each(counterLists)('has a sentence for every counter of the $list, and for no other', ({ list, names }) => {
    expect(Object.keys(counterSentences()[list]).sort()).toEqual([...names].sort());
  });
});
