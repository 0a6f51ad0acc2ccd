import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assertRobust } from '../../../tests/wire/robustness.ts';
import { fromHex, toHex } from '../bytes/text.ts';
import { find, type Tlv, tlv } from '../bytes/tlv.ts';
import { decodeMobility, describeMobility, encodeMobility, type MobilityMessage } from './message.ts';
import { mobilityOption, mobilityOptionByType } from './options.ts';
import { mobilityVectors } from './vectors.ts';

function decode(bytes: Uint8Array): MobilityMessage {
  const result = decodeMobility(bytes);
  if (!result.ok) throw new Error(`${result.reason} at ${result.offset}`);
  return result.value;
}

function namesAndValues(options: readonly Tlv[]): [string, string][] {
  return options.map(({ type, data }) => {
    const codec = mobilityOptionByType[type];
    return codec === undefined ? [String(type), toHex(data)] : [codec.name, codec.describe(codec.decode(data)!)];
  });
}

describe('mobility messages', () => {
  it.each(mobilityVectors)('$name: decodes to its fields and encodes to its octets', ({ hex, value }) => {
    const message = decode(fromHex(hex));
    expect(message).toMatchObject(value!.fields);
    expect(namesAndValues(message.options)).toEqual(value!.options);
    expect(toHex(encodeMobility(message))).toBe(toHex(fromHex(hex)));
  });

  it('survives truncated and mutated input', () => {
    assertRobust(decodeMobility, mobilityVectors, (message) => {
      encodeMobility(message);
      describeMobility(message);
    });
  });

  it('describes a message in one line', () => {
    expect(describeMobility(decode(fromHex(mobilityVectors[1]!.hex)))).toBe(
      'PBA status 0 accepted sequence 1 lifetime 3600 s flags proxyRegistration ' +
        '[Mobile Node Identifier 02005e112233@wlan.example, IPv4 Home Address Reply success 192.0.2.1/24, ' +
        'IPv4 Default-Router Address 192.0.2.254, GRE Key 0x00005678, Home Network Prefix 2001:db8:1:2::/64]',
    );
    expect(describeMobility(decode(fromHex(mobilityVectors[5]!.hex)))).toBe('Heartbeat request sequence 5');
    expect(describeMobility(decode(fromHex(mobilityVectors[7]!.hex)))).toBe(
      'Binding Error status 2 unrecognizedMobilityHeaderType home address 2001:db8::1',
    );
  });

  const heartbeat = '3b010d00b6f7 0000 00000005 01020000';
  const update = '3b030500 0000 0001 8200 0384';
  it.each([
    ['nothing', '', 'truncated', 0],
    ['Payload Proto 17', heartbeat.replace('3b', '11'), 'bad-value', 0],
    ['Header Len beyond the end', heartbeat.replace('3b01', '3b02'), 'truncated', 16],
    ['octets behind the header', `${heartbeat} 0000000000000000`, 'bad-length', 1],
    ['MH Type 12', heartbeat.replace('0d00', '0c00'), 'unsupported', 2],
    ['a heartbeat of 8 octets', '3b000d0000000000', 'bad-length', 1],
    ['B.R. Type 3', '3b011000 0000 0300 0001 8000 01020000', 'unsupported', 6],
    ['an option that overruns the header', `${update} 0821 01 ${'61'.repeat(17)}`, 'truncated', 12],
    ['an option one octet too long', '3b010d00 0000 0000 00000005 c803 aaaa', 'truncated', 12],
    ['a type without length', `${update} 1702 0004 010d ${'00'.repeat(13)} 17`, 'truncated', 31],
    ['a Handoff Indicator of 3 octets', `${update} 1703 000400 010d ${'00'.repeat(13)}`, 'bad-value', 12],
    ['two Handoff Indicators', `${update} 1702 0004 1702 0004 010a ${'00'.repeat(10)}`, 'bad-value', 16],
    ['two GRE keys', `${update} 2106 0000 00000001 2106 0000 00000001 01020000`, 'bad-value', 20],
    ['a GRE key of 4 octets', `${update} 2104 00000000 010c ${'00'.repeat(12)}`, 'bad-value', 12],
    ['a prefix of 129 bits', `${update} 1612 0081 ${'00'.repeat(16)}`, 'bad-value', 12],
    ['an IPv4 prefix of 33 bits', `${update} 2406 8400 00000000 010a ${'00'.repeat(10)}`, 'bad-value', 12],
    ['an empty identifier', `${update} 0801 01 010f ${'00'.repeat(15)}`, 'bad-value', 12],
  ])('refuses %s', (_what, hex, reason, offset) => {
    expect(decodeMobility(fromHex(hex))).toEqual({ ok: false, reason, offset });
  });

  it('accepts any checksum', () => {
    const bytes = fromHex(heartbeat);
    bytes[4] = 0;
    bytes[5] = 0;
    expect(decode(bytes)).toEqual(decode(fromHex(heartbeat)));
  });

  it.each([
    [0, 0],
    [1, 4],
    [3600, 3600],
    [3601, 3604],
    [300_000, 262_140],
  ])('sends a lifetime of %i s as %i s', (lifetimeSeconds, sent) => {
    const message = { kind: 'proxyBindingUpdate', sequence: 1, flags: 0, lifetimeSeconds, options: [] } as const;
    expect(decode(encodeMobility(message))).toMatchObject({ lifetimeSeconds: sent });
  });

  it('refuses to make an option or a header that has no length on the wire', () => {
    const big = (length: number): Tlv => ({ type: 200, data: new Uint8Array(length) });
    const withOptions = (options: readonly Tlv[]): MobilityMessage => ({
      kind: 'heartbeat',
      response: false,
      unsolicited: false,
      sequence: 1,
      options,
    });
    expect(() => encodeMobility(withOptions([big(256)]))).toThrow(RangeError);
    expect(() => encodeMobility(withOptions(new Array<Tlv>(8).fill(big(255))))).toThrow(RangeError);
    expect(encodeMobility(withOptions(new Array<Tlv>(7).fill(big(255)))).length).toBe(1816);
  });
});

const u8 = fc.integer({ min: 0, max: 0xff });
const u16 = fc.integer({ min: 0, max: 0xffff });
const u32 = fc.integer({ min: 0, max: 0xffffffff });
const knownOption: fc.Arbitrary<Tlv> = fc.oneof(
  fc
    .string({ minLength: 1, maxLength: 60 })
    .map((identifier) => tlv(mobilityOption.mnIdentifier, { subtype: 1, identifier })),
  u32.map((address) => tlv(mobilityOption.ipv4HomeAddressRequest, { prefixLength: 32, address: address as never })),
  fc
    .uint8Array({ minLength: 16, maxLength: 16 })
    .map((address) => tlv(mobilityOption.homeNetworkPrefix, { address: toHex(address) as never, length: 64 })),
  fc
    .uint8Array({ maxLength: 40 })
    .map((data) => tlv(mobilityOption.vendorSpecific, { vendor: 10415, subType: 7, data })),
);
const unknownOption: fc.Arbitrary<Tlv> = fc.record({
  type: fc.integer({ min: 64, max: 255 }),
  data: fc.uint8Array({ maxLength: 40 }),
});
const options = fc.array(fc.oneof(knownOption, unknownOption), { maxLength: 12 });
const lifetimeSeconds = u16.map((units) => units * 4);
const messages: fc.Arbitrary<MobilityMessage> = fc.oneof(
  fc.record({ kind: fc.constant('proxyBindingUpdate' as const), sequence: u16, flags: u16, lifetimeSeconds, options }),
  fc.record({
    kind: fc.constant('proxyBindingAcknowledgement' as const),
    status: u8,
    flags: u8,
    sequence: u16,
    lifetimeSeconds,
    options,
  }),
  fc.record({
    kind: fc.constant('bindingRevocationIndication' as const),
    trigger: u8,
    sequence: u16,
    flags: u16,
    options,
  }),
  fc.record({
    kind: fc.constant('bindingRevocationAcknowledgement' as const),
    status: u8,
    sequence: u16,
    flags: u16,
    options,
  }),
  fc.record({
    kind: fc.constant('heartbeat' as const),
    response: fc.boolean(),
    unsolicited: fc.boolean(),
    sequence: u32,
    options,
  }),
  fc.record({
    kind: fc.constant('bindingError' as const),
    status: u8,
    homeAddress: fc.uint8Array({ minLength: 16, maxLength: 16 }),
    options,
  }),
);

describe('every mobility message', () => {
  it('comes back from its octets, aligned, padded and with a checksum', () => {
    fc.assert(
      fc.property(messages, (message) => {
        const bytes = encodeMobility(message);
        expect(bytes.length % 8).toBe(0);
        expect(misaligned(bytes, message.kind === 'bindingError' ? 24 : 12)).toEqual([]);
        let sum = 0;
        for (let at = 0; at < bytes.length; at += 2) sum += bytes[at]! * 256 + bytes[at + 1]!;
        expect(sum % 0xffff).toBe(0);
        expect(decode(bytes)).toEqual(message);
      }),
    );
  });
});

/** The options in the octets that do not start where RFC 6275 6.2.1 wants them. */
function misaligned(bytes: Uint8Array, start: number): number[] {
  const found: number[] = [];
  let at = start;
  while (at < bytes.length) {
    const type = bytes[at]!;
    const align = mobilityOptionByType[type]?.align;
    if (align !== undefined && at % align.n !== align.offset) found.push(at);
    at += type === 0 ? 1 : 2 + bytes[at + 1]!;
  }
  return found;
}

describe('an option of a decoded message', () => {
  it('is found by its codec', () => {
    const message = decode(fromHex(mobilityVectors[0]!.hex));
    expect(find(message.options, mobilityOption.greKey)).toEqual({ key: 0x1234 });
    expect(find(message.options, mobilityOption.homeNetworkPrefix)).toBeUndefined();
  });
});
