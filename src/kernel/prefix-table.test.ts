import { describe, expect, it } from 'vitest';
import { parseIp, parsePrefix } from './address.ts';
import { PrefixTable } from './prefix-table.ts';

const table = new PrefixTable(
  ['10.0.0.0/8', '10.1.0.0/16', '10.1.2.3/32', '2001:db8::/32'].map((text) => [parsePrefix(text)!, text] as const),
);

describe('a table of prefixes', () => {
  it.each([
    ['10.9.9.9', '10.0.0.0/8'],
    ['10.1.9.9', '10.1.0.0/16'],
    ['10.1.2.3', '10.1.2.3/32'],
    ['10.1.2.4', '10.1.0.0/16'],
    ['11.0.0.1', undefined],
    ['2001:db8::7', '2001:db8::/32'],
    ['2001:db9::7', undefined],
  ])('finds %s by %s', (address, prefix) => {
    expect(table.of(parseIp(address)!)).toBe(prefix);
  });

  it('of nothing finds nothing', () => {
    expect(new PrefixTable([]).of(parseIp('10.0.0.1')!)).toBeUndefined();
  });
});
