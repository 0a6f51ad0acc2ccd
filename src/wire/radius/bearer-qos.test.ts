import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { utf8Decode, utf8Encode } from '../bytes/text.ts';
import { type BearerQos, bearerQos } from './bearer-qos.ts';

const kbps = (max: number) => fc.integer({ min: 0, max });
const rates = fc.oneof(
  fc.record({
    kind: fc.constant('aggregate' as const),
    uplinkKbps: kbps(2 ** 32 - 1),
    downlinkKbps: kbps(2 ** 32 - 1),
  }),
  fc.record({
    kind: fc.constant('guaranteed' as const),
    uplinkKbps: kbps(2 ** 40 - 1),
    downlinkKbps: kbps(2 ** 40 - 1),
    uplinkGuaranteedKbps: kbps(2 ** 40 - 1),
    downlinkGuaranteedKbps: kbps(2 ** 40 - 1),
  }),
);
const anyQos: fc.Arbitrary<BearerQos> = fc.record({
  qci: fc.integer({ min: 0, max: 255 }),
  priorityLevel: fc.integer({ min: 0, max: 15 }),
  mayPreempt: fc.boolean(),
  mayBePreempted: fc.boolean(),
  rates,
});

describe('QoS of a bearer', () => {
  it.each<[string, BearerQos, string]>([
    [
      '08-4909000493e0000927c0',
      {
        qci: 9,
        priorityLevel: 2,
        mayPreempt: false,
        mayBePreempted: false,
        rates: { kind: 'aggregate', uplinkKbps: 300_000, downlinkKbps: 600_000 },
      },
      'QCI 9 priority 2 aggregate 300000/600000 kbit/s',
    ],
    [
      '08-3c0100000f424000001e848001000000000000000001',
      {
        qci: 1,
        priorityLevel: 15,
        mayPreempt: true,
        mayBePreempted: true,
        rates: {
          kind: 'guaranteed',
          uplinkKbps: 1_000_000,
          downlinkKbps: 2_000_000,
          uplinkGuaranteedKbps: 2 ** 32,
          downlinkGuaranteedKbps: 1,
        },
      },
      'QCI 1 priority 15 guaranteed 1000000/2000000 kbit/s',
    ],
  ])('%s is read and written', (profile, value, line) => {
    expect(bearerQos.decode(utf8Encode(profile))).toEqual(value);
    expect(bearerQos.decode(utf8Encode(profile.toUpperCase()))).toEqual(value);
    expect(utf8Decode(bearerQos.encode(value))).toBe(profile);
    expect(bearerQos.describe(value)).toBe(line);
  });

  it.each([
    '',
    '08-',
    '08',
    '98-0b921f',
    '99-0b921f719696fe7c4e21dd',
    '08-4909000493e0000927c',
    '08-4909000493e0000927c0ff',
  ])('is not in %j', (profile) => {
    expect(bearerQos.decode(utf8Encode(profile))).toBeUndefined();
    expect(bearerQos.valid(utf8Encode(profile))).toBe(false);
  });

  it('comes back from its octets', () => {
    fc.assert(
      fc.property(anyQos, (value) => {
        expect(bearerQos.decode(bearerQos.encode(value))).toEqual(value);
      }),
    );
  });

  it('is read or refused, whatever the octets are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 30 }), (data) => {
        const profile = Uint8Array.of(...utf8Encode('08-'), ...data);
        expect(bearerQos.decode(profile) !== undefined).toBe(bearerQos.valid(profile));
      }),
    );
  });
});
