import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { handoffKinds, samogCounters } from '../../services/samog/statistics.ts';
import { bulkstatValues, int32Counter } from './bulkstats.ts';
import { bulkstatVariables } from './catalogue.ts';

const seed: unknown = JSON.parse(
  readFileSync(new URL('../../../tests/goldens/seed-bulkstats.json', import.meta.url), 'utf8'),
);

describe('bulk statistics', () => {
  it('are those of the seed, in its order and words', () => {
    expect(bulkstatVariables.map(({ counter: _, ...variable }) => variable)).toEqual(seed);
    expect(bulkstatVariables).toHaveLength(12);
  });

  it.each([
    ['cgw-binding-update-handoff-req-total', 'pmip-to-pmip'],
    ['cgw-sessstat-dhcp-disc-handoff', 'dhcp-to-dhcp'],
    ['cgw-sessstat-pmip-to-eogre-handoff', 'pmip-to-eogre'],
    ['cgw-sessstat-eogre-to-pmip-handoff', 'eogre-to-pmip'],
  ] as const)('%s-* count %s alone', (prefix, counted) => {
    const counters = samogCounters();
    for (const kind of handoffKinds) {
      const by = kind === counted ? 1 : 100;
      counters.add(`handoff.${kind}.received`, by * 3);
      counters.add(`handoff.${kind}.accepted`, by * 2);
      counters.add(`handoff.${kind}.denied`, by);
    }
    const values = bulkstatValues(counters);
    expect([values[`${prefix}-received`], values[`${prefix}-accepted`], values[`${prefix}-denied`]]).toEqual([3, 2, 1]);
  });

  it.each([
    [0, 0],
    [4_294_967_294, 4_294_967_294],
    [4_294_967_295, 4_294_967_295],
    [4_294_967_296, 0],
    [4_294_967_297, 1],
    [3 * 2 ** 32 + 5, 5],
  ])('a count of %d is shown as %d: Int32 rolls over to zero after 4,294,967,295', (count, value) => {
    expect(int32Counter(count)).toBe(value);
  });
});
