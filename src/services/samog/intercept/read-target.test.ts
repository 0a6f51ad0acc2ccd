import { describe, expect, it } from 'vitest';
import { readTarget, writeTarget } from './read-target.ts';

const xid = '0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0';
const now = Date.UTC(2026, 0, 15);
const good = { identity: { imsi: '001010000000001' }, product: 'both', delivery: 'mf', until: '2026-04-01T00:00:00Z' };

function read(change: Readonly<Record<string, unknown>>, name = xid) {
  const { identity, product, delivery, from, until } = { from: undefined, ...good, ...change };
  const data = { identity, product, delivery, until, ...(from === undefined ? {} : { from }), ...extra(change) };
  return readTarget(name, data, ['mf', 'other'], now);
}

function extra(change: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(change).filter(([key]) => !['from', ...Object.keys(good)].includes(key)));
}

describe('a target', () => {
  it('begins now unless it says otherwise, and is written as it was read', () => {
    const read1 = read({});
    expect(read1).toMatchObject({ ok: true, target: { xid, from: now, until: Date.UTC(2026, 3, 1) } });
    const written = read1.ok ? writeTarget(read1.target) : {};
    const { xid: name, ...data } = written;
    expect(readTarget(name as string, data, ['mf'], now)).toEqual(read1);
  });

  it.each([
    [{ msisdn: '491700000001' }, { kind: 'msisdn', value: '491700000001' }],
    [{ nai: 'anna@example.net' }, { kind: 'nai', value: 'anna@example.net' }],
    [{ mac: '02-00-5E-10-00-01' }, { kind: 'mac', value: 0x02005e100001 }],
    [{ address: '10.45.0.2' }, { kind: 'address', value: 0x0a2d0002 }],
    [{ address: '2001:db8::1' }, { kind: 'address' }],
  ])('is known by %j', (identity, expected) => {
    expect(read({ identity })).toMatchObject({ ok: true, target: { identity: expected } });
  });

  it.each<[string, Readonly<Record<string, unknown>>, RegExp]>([
    ['an identity that is none', { identity: { imsi: '12' } }, /identity/],
    ['two identities', { identity: { imsi: '001010000000001', mac: '02:00:5e:10:00:01' } }, /identity/],
    ['an identity of another kind', { identity: { toString: 'x' } }, /identity/],
    ['a group address', { identity: { mac: '03:00:5e:10:00:01' } }, /identity/],
    ['no identity', { identity: null }, /identity/],
    ['another product', { product: 'all' }, /product/],
    ['a delivery function that is none', { delivery: 'mf2' }, /mf, other/],
    ['no end', { until: undefined }, /RFC 3339/],
    ['an end that is over', { until: '2026-01-14T00:00:00Z' }, /later/],
    ['an end before its beginning', { from: '2026-05-01T00:00:00Z' }, /later/],
    ['a time that is none', { from: '2026-02-31' }, /RFC 3339/],
    ['no time at all that ends', { until: '2099-01-01T00:00:00Z' }, /at most/],
    ['something else', { why: 'because' }, /"why"/],
  ])('is refused with %s', (_, change, what) => {
    expect(read(change)).toEqual({ ok: false, what: expect.stringMatching(what) });
  });

  it.each([[null], [[]], ['text'], [undefined]])('is not %j', (data) => {
    expect(readTarget(xid, data, ['mf'], now)).toMatchObject({ ok: false });
  });

  it('has a UUID', () => {
    for (const name of ['', 'x', xid.toUpperCase(), `${xid}0`]) expect(read({}, name)).toMatchObject({ ok: false });
  });
});
