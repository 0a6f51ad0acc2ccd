import fc from 'fast-check';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { assertRobust } from '../../../tests/wire/robustness.ts';
import { type IpAddress, type MacAddress, macOf, parseIp } from '../../kernel/address.ts';
import { fromHex, toHex } from '../bytes/text.ts';
import type { Vector } from '../bytes/vector.ts';
import {
  bool,
  bytes,
  double,
  enumOf,
  ipAddress,
  mac,
  ordinal,
  ordinalMax,
  tally,
  text,
  u32,
  uint,
  type ValueCodec,
  type ValueOf,
} from './codec.ts';
import { type FieldCodec, field, list, optional, recordOf } from './record.ts';
import { unionOf, variant } from './union.ts';

const states = enumOf({ setup: 1, connected: 2, leaving: 7 });
const access = unionOf('kind', {
  pmipv6: variant(1, recordOf({ peer: field(1, ipAddress), key: field(2, optional(u32)) })),
  eogre: variant(2, recordOf({ rg: field(1, ipAddress), vmac: field(2, mac) })),
});
const session = recordOf({
  mac: field(1, mac),
  nai: field(2, text),
  state: field(3, states),
  access: field(4, access),
  keys: field(5, list(bytes)),
  octets: field(6, uint),
  remaining: field(7, double),
  idle: field(8, bool, true),
  profile: field(40, recordOf({ apn: field(1, text), ambr: field(2, u32) })),
});
type Session = ValueOf<typeof session>;

const sample: Session = {
  mac: macOf(0x02005e112233),
  nai: 'ue@example.org',
  state: 'connected',
  access: { kind: 'eogre', rg: parseIp('2001:db8::1') as IpAddress, vmac: macOf(0x020000000001) },
  keys: [Uint8Array.of(1, 2), new Uint8Array(0)],
  octets: 2 ** 53 - 1,
  remaining: -0.5,
  idle: false,
  profile: { apn: 'internet', ambr: 0 },
};
const sampleHex = `
  06 06 02005e112233
  0a 0e 7565406578616d706c652e6f7267
  0c 02
  12 1b 02  06 10 20010db8000000000000000000000001  0a 06 020000000001
  16 02 0102  16 00
  18 ffffffffffffff0f
  1d bfe0000000000000
  20 00
  a201 0a  06 08 696e7465726e6574`;

describe('the static types', () => {
  it('follow from the table', () => {
    expectTypeOf<Session['mac']>().toEqualTypeOf<MacAddress>();
    expectTypeOf<Session['state']>().toEqualTypeOf<'setup' | 'connected' | 'leaving'>();
    expectTypeOf<Session['keys']>().toEqualTypeOf<readonly Uint8Array[]>();
    expectTypeOf<Session['access']['kind']>().toEqualTypeOf<'pmipv6' | 'eogre'>();
    type Pmipv6 = Extract<Session['access'], { readonly kind: 'pmipv6' }>;
    expectTypeOf<Pmipv6['key']>().toEqualTypeOf<number | undefined>();
  });
});

describe('a record', () => {
  it('is written as by hand, and comes back as it was', () => {
    expect(toHex(session.encode(sample))).toBe(toHex(fromHex(sampleHex)));
    expect(session.decode(fromHex(sampleHex))).toEqual({ ok: true, value: { value: sample, unknownFields: 0 } });
  });

  it('leaves out what is absent, and only that', () => {
    const table = recordOf({
      octets: field(1, uint),
      name: field(2, text),
      on: field(3, bool, true),
      label: field(4, text, 'none'),
      address: field(5, ipAddress),
      maybe: field(6, optional(uint)),
      inner: field(7, recordOf({ a: field(1, uint) })),
      many: field(8, list(recordOf({ a: field(1, uint) }))),
    });
    const absent: ValueOf<typeof table> = {
      octets: 0,
      name: '',
      on: true,
      label: 'none',
      address: 0 as IpAddress,
      maybe: undefined,
      inner: { a: 0 },
      many: [],
    };
    expect(table.encode(absent)).toHaveLength(0);
    expect(table.decode(new Uint8Array(0))).toEqual({ ok: true, value: { value: absent, unknownFields: 0 } });
    const present = { ...absent, on: false, label: '', maybe: 0, many: [{ a: 0 }, { a: 1 }] };
    expect(table.decode(table.encode(present))).toEqual({ ok: true, value: { value: present, unknownFields: 0 } });
  });

  it('does not let one decoded list grow into another', () => {
    const table = recordOf({ many: field(1, list(uint)) });
    table.decode(Uint8Array.of(4, 1, 4, 2));
    expect(table.decode(new Uint8Array(0))).toMatchObject({ value: { value: { many: [] } } });
  });

  it('reads fields in any order; of a repeated single field the last counts', () => {
    const table = recordOf({ a: field(1, uint), b: field(2, uint) });
    expect(table.decode(Uint8Array.of(8, 5, 4, 1, 8, 6))).toMatchObject({ value: { value: { a: 1, b: 6 } } });
  });

  it.each([0, 1, 126, 127, 128, 129, 16_383, 16_384, 70_000])('holds a text of %i octets, nested', (length) => {
    const table = recordOf({ inner: field(1, recordOf({ name: field(1, text) })), after: field(2, uint) });
    const value = { inner: { name: 'x'.repeat(length) }, after: 7 };
    expect(table.decode(table.encode(value))).toEqual({ ok: true, value: { value, unknownFields: 0 } });
  });

  it('begins anew after a value that cannot be written', () => {
    const table = recordOf({ a: field(1, uint), b: field(2, uint) });
    for (const bad of [-1, 0.5, 2 ** 53, Number.NaN]) expect(() => table.encode({ a: 1, b: bad })).toThrow(/integer/);
    expect(toHex(table.encode({ a: 1, b: 0 }))).toBe('0401');
  });

  const vectors: readonly Vector[] = [{ name: 'session', hex: sampleHex, provenance: 'by hand' }];
  it('withstands every prefix and mutation', () => {
    assertRobust(
      (octets) => session.decode(octets),
      vectors,
      ({ value }) => session.encode(value),
    );
  });

  it.each<[string, string, string]>([
    ['a mandatory field missing', '1805', 'truncated'],
    ['an enumerator of the future', '0c09', 'unsupported'],
    ['a variant of the future', '0c02 12 01 09', 'unsupported'],
    ['another wire type under a known tag', '0e00', 'bad-value'],
    ['a wire type that does not exist', 'ff00', 'bad-value'],
    ['tag 0', '0001', 'bad-value'],
    ['a bool of 2', '2002', 'bad-value'],
    ['a MAC address of 5 octets', '06 05 0102030405', 'bad-length'],
    ['a content longer than the payload', '0a 05 61', 'truncated'],
    ['a content of 2^53 octets', '0a ffffffffffffff0f', 'truncated'],
    ['a varint above 2^53', '18 ffffffffffffff7f', 'bad-value'],
    ['a varint without end', '18 ffffffffffffffffffff', 'bad-value'],
    ['an unknown field cut short', 'c402', 'truncated'],
    ['an inner content that ends early', '0c02 12 02 01 06', 'truncated'],
  ])('refuses %s', (_, hex, reason) => {
    expect(session.decode(fromHex(hex))).toMatchObject({ ok: false, reason });
  });
});

describe('a part of a record', () => {
  const inner = recordOf({ a: field(1, uint), label: field(2, text), kind: field(3, enumOf({ one: 1, two: 2 })) });
  const whole = recordOf({
    name: field(1, text),
    octets: field(2, list(bytes)),
    inner: field(3, inner),
    peer: field(4, optional(ipAddress)),
    path: field(5, optional(unionOf('how', { here: variant(1, inner), there: variant(2, recordOf({})) }))),
    weight: field(6, double),
  });
  const value: ValueOf<typeof whole> = {
    name: 'n',
    octets: [Uint8Array.of(1, 2), new Uint8Array(0)],
    inner: { a: 300, label: 'é', kind: 'two' },
    peer: 1 as IpAddress,
    path: { how: 'here', a: 1, label: 'l', kind: 'one' },
    weight: 0.5,
  };

  it('has what was selected and nothing else', () => {
    const octets = whole.encode(value);
    const part = whole.only({ name: true, inner: { a: true } });
    expect(part.decode(octets)).toEqual({
      ok: true,
      value: { value: { name: 'n', inner: { a: 300 } }, unknownFields: 0 },
    });
    expect(whole.only({}).decode(octets)).toEqual({ ok: true, value: { value: {}, unknownFields: 0 } });
  });

  it('is refused where the whole is, and for the same reason', () => {
    const octets = whole.encode(value);
    const parts = [whole.only({}), whole.only({ weight: true, inner: { label: true } }), whole.only({ octets: true })];
    const verdict = (read: ReturnType<typeof whole.decode> | ReturnType<(typeof parts)[0]['decode']>) =>
      read.ok ? read.value.unknownFields : read;
    fc.assert(
      fc.property(fc.nat(octets.length), fc.nat(octets.length - 1), fc.nat(255), (length, at, octet) => {
        const changed = octets.slice();
        changed[at] = octet;
        for (const given of [changed, octets.subarray(0, length)]) {
          const expected = verdict(whole.decode(given));
          for (const part of parts) expect(verdict(part.decode(given))).toEqual(expected);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('is of a record that is always there', () => {
    expect(() => whole.only({ peer: {} } as never)).toThrow(/a part is of a record/);
  });
});

describe('chassis of neighbouring versions', () => {
  const older = recordOf({
    name: field(1, text),
    inner: field(3, recordOf({ a: field(1, uint) })),
    items: field(4, list(recordOf({ a: field(1, uint) }))),
  });
  const newer = recordOf({
    name: field(1, text),
    limit: field(2, uint, 3600),
    inner: field(3, recordOf({ a: field(1, uint), b: field(2, double), c: field(3, list(bytes)) })),
    items: field(4, list(recordOf({ a: field(1, uint), label: field(2, text) }))),
    path: field(500, optional(access)),
  });
  const newerValue: ValueOf<typeof newer> = {
    name: 'n',
    limit: 7,
    inner: { a: 1, b: 0.5, c: [Uint8Array.of(1), Uint8Array.of(2)] },
    items: [{ a: 5, label: 'five' }],
    path: { kind: 'pmipv6', peer: 1 as IpAddress, key: undefined },
  };

  it('N reads what N-1 wrote: what it lacks is absent', () => {
    const value: ValueOf<typeof older> = { name: 'n', inner: { a: 1 }, items: [{ a: 5 }] };
    expect(newer.decode(older.encode(value))).toEqual({
      ok: true,
      value: {
        value: {
          name: 'n',
          limit: 3600,
          inner: { a: 1, b: 0, c: [] },
          items: [{ a: 5, label: '' }],
          path: undefined,
        },
        unknownFields: 0,
      },
    });
  });

  it('N-1 reads what N wrote: what it does not know is skipped and counted, nested fields too', () => {
    expect(older.decode(newer.encode(newerValue))).toEqual({
      ok: true,
      value: { value: { name: 'n', inner: { a: 1 }, items: [{ a: 5 }] }, unknownFields: 6 },
    });
  });

  it('takes an enumerator of the future for another where the table says so', () => {
    const tolerant = enumOf({ other: 1, known: 2 }, 'other');
    const table = recordOf({ reason: field(1, tolerant) });
    expect(table.decode(Uint8Array.of(4, 77))).toMatchObject({ ok: true, value: { value: { reason: 'other' } } });
  });
});

describe('a table that contradicts itself is no table', () => {
  it.each<[string, () => unknown]>([
    ['one tag twice', () => recordOf({ a: field(1, uint), b: field(1, text) })],
    ['tag 0', () => field(0, uint)],
    ['a tag too high', () => field(2048, uint)],
    ['one number for two names', () => enumOf({ a: 1, b: 1 })],
    ['a name that is no plain identifier', () => recordOf({ 'a;b': field(1, uint) })],
    ['a name that is no field of an object', () => recordOf({ ['__proto__']: field(1, uint) })],
    ['such a name for a discriminator', () => unionOf('a b', { a: variant(1, recordOf({})) })],
    ['a variant without a number', () => unionOf('k', { a: variant(Number.NaN, recordOf({})) })],
    ['one number for two variants', () => unionOf('k', { a: variant(1, recordOf({})), b: variant(1, recordOf({})) })],
  ])('%s', (_, make) => {
    expect(make).toThrow();
  });
});

describe('any value', () => {
  const roundTrip = <T>(codec: ValueCodec<T> | FieldCodec<T>, values: fc.Arbitrary<T>): void => {
    const table = recordOf({ value: field(9, codec) });
    fc.assert(
      fc.property(values, (value) => {
        expect(table.decode(table.encode({ value }))).toEqual({
          ok: true,
          value: { value: { value }, unknownFields: 0 },
        });
      }),
      { numRuns: 200 },
    );
  };
  const number = fc.double({ noNaN: true, noDefaultInfinity: true });
  const ipv4 = fc.integer({ min: 0, max: 0xffffffff }).map((value) => value as IpAddress);
  const ipv6 = fc.uint8Array({ minLength: 16, maxLength: 16 }).map((octets) => toHex(octets) as IpAddress);

  it.each<[string, () => void]>([
    ['uint', () => roundTrip(uint, fc.maxSafeNat())],
    [
      'ordinal',
      () =>
        roundTrip(
          ordinal,
          fc.maxSafeNat().map((value) => value % (ordinalMax + 1)),
        ),
    ],
    ['double', () => roundTrip(double, number)],
    ['text', () => roundTrip(text, fc.string({ unit: 'binary' }))],
    ['bytes', () => roundTrip(bytes, fc.uint8Array({ maxLength: 300 }))],
    ['ipAddress', () => roundTrip(ipAddress, fc.oneof(ipv4, ipv6))],
    ['mac', () => roundTrip(mac, fc.integer({ min: 0, max: 2 ** 48 - 1 }).map(macOf))],
    ['optional', () => roundTrip(optional(bool), fc.option(fc.boolean(), { nil: undefined }))],
    ['list', () => roundTrip(list(double), fc.array(number))],
  ])('of %s comes back as it was', (_, check) => check());

  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])('of double is not %d', (value) => {
    const table = recordOf({ value: field(1, double) });
    expect(table.decode(table.encode({ value }))).toMatchObject({ ok: false, reason: 'bad-value' });
  });

  it('that is a count has an end, from where it grows no more', () => {
    const table = recordOf({ value: field(1, tally) });
    for (const value of [Number.MAX_SAFE_INTEGER, 2 ** 53, 1e300]) {
      expect(table.decode(table.encode({ value }))).toMatchObject({ value: { value: { value: 2 ** 53 - 1 } } });
    }
  });

  it('that is a string of octets decodes or is refused, and never throws', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (octets) => {
        const result = session.decode(octets);
        if (result.ok) session.encode(result.value.value);
      }),
      { numRuns: 500 },
    );
  });
});
