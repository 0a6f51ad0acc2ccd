import { describe, expect, it } from 'vitest';
import { macOf, parseIpv4 } from '../../../kernel/address.ts';
import type { Target, TargetIdentity } from './target.ts';
import { TargetTable } from './target-table.ts';

const imsi: TargetIdentity = { kind: 'imsi', value: '001010000000001' };
const mac: TargetIdentity = { kind: 'mac', value: macOf(0x02005e100001) };

function target(xid: string, change: Partial<Target> = {}): Target {
  return { xid, identity: imsi, product: 'both', delivery: 'mf', from: 1000, until: 2000, ...change };
}

describe('a table of targets', () => {
  it.each<[string, TargetIdentity, TargetIdentity]>([
    ['IMSI', imsi, { kind: 'imsi', value: '001010000000002' }],
    ['MSISDN', { kind: 'msisdn', value: '491700000001' }, { kind: 'imsi', value: '491700000001' }],
    ['NAI', { kind: 'nai', value: 'u@r' }, { kind: 'nai', value: 'u@s' }],
    ['MAC address', mac, { kind: 'mac', value: macOf(0x02005e100002) }],
    ['address', { kind: 'address', value: parseIpv4('10.0.0.1')! }, { kind: 'address', value: parseIpv4('10.0.0.2')! }],
  ])('finds by %s, and by nothing like it', (_, identity, other) => {
    const table = new TargetTable(10);
    table.put(target('a', { identity }));
    expect(table.matching([other, identity], 1500)).toHaveLength(1);
    expect(table.matching([other], 1500)).toEqual([]);
  });

  it('finds a target in its time, once, however many identities name it', () => {
    const table = new TargetTable(10);
    table.put(target('a'));
    table.put(target('b', { identity: mac }));
    const found = (at: number) => table.matching([imsi, mac, imsi], at).map(({ xid }) => xid);
    expect([999, 1000, 1999, 2000].map(found)).toEqual([[], ['a', 'b'], ['a', 'b'], []]);
  });

  it('says when the next one begins or ends', () => {
    const table = new TargetTable(10);
    expect(table.nextChange(0)).toBeUndefined();
    table.put(target('a'));
    table.put(target('b', { from: 500, until: 1700 }));
    expect([0, 500, 1000, 1700, 2000].map((at) => table.nextChange(at))).toEqual([500, 1000, 1700, 2000, undefined]);
  });

  it('changes a target in its place, and forgets its former identity', () => {
    const table = new TargetTable(1);
    table.put(target('a'));
    table.put(target('a', { identity: mac }));
    expect(table.size).toBe(1);
    expect(table.matching([imsi], 1500)).toEqual([]);
    expect(table.matching([mac], 1500)).toHaveLength(1);
    expect(table.put(target('b'))).toBeUndefined();
  });

  it('is not brought back by a chassis that has not heard of a withdrawal', () => {
    const table = new TargetTable(10);
    const old = table.put(target('a'))!;
    const withdrawn = table.withdraw('a')!;
    expect(table.withdraw('a')).toBeUndefined();
    expect(table.take(old)).toBe(false);
    expect(table.matching([imsi], 1500)).toEqual([]);
    const other = new TargetTable(10);
    other.take(old);
    expect(other.take(withdrawn)).toBe(true);
    expect(other.size).toBe(0);
    // What is provisioned there next is newer than all it has heard.
    expect(other.put(target('b'))!.revision).toBe(withdrawn.revision + 1);
  });

  it('keeps nothing beyond the end of a warrant', () => {
    const table = new TargetTable(10);
    table.put(target('a'));
    table.put(target('b'));
    table.withdraw('b');
    expect(table.expire(1999)).toBe(false);
    expect(table.expire(2000)).toBe(true);
    expect([...table.entries()]).toEqual([]);
    expect(table.size).toBe(0);
  });
});
