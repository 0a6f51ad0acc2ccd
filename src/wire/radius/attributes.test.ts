import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseIpv4, parseIpv6 } from '../../kernel/address.ts';
import { fromHex, toHex } from '../bytes/text.ts';
import { type Tlv, tlv } from '../bytes/tlv.ts';
import { type RadiusAttributeCodec, radiusAttribute } from './attributes.ts';
import * as constants from './constants.ts';
import { decodeRadius } from './packet.ts';
import { radiusVectors } from './vectors.ts';
import {
  ciscoAttribute,
  describeVendorSpecific,
  dslForumAttribute,
  findAllVendor,
  findVendor,
  microsoftAttribute,
  rewriteVendor,
  starentAttribute,
  threeGppAttribute,
  type VendorAttribute,
  vendorTlv,
} from './vendor-attributes.ts';

const codecs: readonly RadiusAttributeCodec<unknown>[] = Object.values(radiusAttribute);

describe('the table of RADIUS attributes', () => {
  it('has no number and no name twice', () => {
    expect(new Set(codecs.map((codec) => codec.type)).size).toBe(codecs.length);
    expect(new Set(codecs.map((codec) => codec.name)).size).toBe(codecs.length);
  });

  it('cites a clause for every attribute', () => {
    for (const { citation } of codecs) expect(citation).toMatch(/^RFC \d{4} \d/);
  });

  it('decodes exactly the data that it calls valid, and encodes it to the same value', () => {
    fc.assert(
      fc.property(fc.constantFrom(...codecs), fc.uint8Array({ maxLength: 20 }), (codec, data) => {
        const value = codec.decode(data);
        expect(value !== undefined).toBe(codec.valid(data));
        if (value !== undefined) expect(codec.decode(codec.encode(value))).toEqual(value);
      }),
      { numRuns: 2000 },
    );
  });

  it('cuts text and octets to one attribute', () => {
    expect(radiusAttribute.replyMessage.encode('x'.repeat(300)).length).toBe(253);
    expect(radiusAttribute.state.encode(new Uint8Array(300)).length).toBe(253);
  });

  it.each([
    ['text', tlv(radiusAttribute.userName, 'nemo'), 1, '6e656d6f'],
    ['an integer', tlv(radiusAttribute.sessionTimeout, 3600), 27, '00000e10'],
    ['the largest integer', tlv(radiusAttribute.acctInputOctets, 0xffffffff), 42, 'ffffffff'],
    ['an IPv4 address', tlv(radiusAttribute.framedIpAddress, parseIpv4('192.0.2.1')!), 8, 'c0000201'],
    [
      'an IPv4 prefix',
      tlv(radiusAttribute.pmip6HomeIpv4HomeAddress, { address: parseIpv4('192.0.2.5')!, length: 24 }),
      155,
      '0018c0000205',
    ],
    [
      'an IPv6 prefix',
      tlv(radiusAttribute.pmip6HomeHnPrefix, { address: parseIpv6('2001:db8::')!, length: 64 }),
      151,
      '004020010db8000000000000000000000000',
    ],
  ] as const)('writes %s', (_what, attribute: Tlv, type, hex) => {
    expect(attribute.type).toBe(type);
    expect(toHex(attribute.data)).toBe(hex);
  });

  it('reads a shortened IPv6 prefix', () => {
    expect(radiusAttribute.framedIpv6Prefix.decode(fromHex('002020010db8'))).toEqual({
      address: parseIpv6('2001:db8::'),
      length: 32,
    });
  });
});

describe('the tables of numbers', () => {
  it.each(Object.entries(constants))('%s has no number twice', (_name, table) => {
    const numbers: number[] = Object.values(table);
    expect(new Set(numbers).size).toBe(numbers.length);
  });
});

describe('vendor attributes', () => {
  const vendorCodecs: readonly VendorAttribute<unknown>[] = [
    ...Object.values(threeGppAttribute),
    ...Object.values(starentAttribute),
    ...Object.values(dslForumAttribute),
    ...Object.values(microsoftAttribute),
    ...Object.values(ciscoAttribute),
  ];

  it('have no number twice within a vendor', () => {
    const numbers = vendorCodecs.map(({ vendor, type }) => `${vendor}/${type}`);
    expect(new Set(numbers).size).toBe(numbers.length);
  });

  it('are found in a packet', () => {
    const packet = decodeRadius(fromHex(radiusVectors[4]!.hex));
    if (!packet.ok) throw new Error(packet.reason);
    const { attributes } = packet.value;
    expect(findVendor(attributes, threeGppAttribute.imsi)).toBe('001010123456789');
    expect(findVendor(attributes, starentAttribute.apnName)).toBe('internet');
    expect(findVendor(attributes, threeGppAttribute.ratType)).toBeUndefined();
    expect(findVendor(attributes, starentAttribute.vpnName)).toBeUndefined();
  });

  it.each([
    ['one octet each', vendorTlv(threeGppAttribute.ratType, 3), '000028af150303'],
    ['two octets each', vendorTlv(starentAttribute.handoffIndicator, 1), '00001fe40136000800000001'],
    ['Cisco-AVPair', vendorTlv(ciscoAttribute.avPair, 'a=b'), '000000090105613d62'],
    ['Agent-Circuit-Id', vendorTlv(dslForumAttribute.agentCircuitId, 'ap'), '00000de901046170'],
  ])('write type and length with %s', (_what, attribute, hex) => {
    expect(attribute.type).toBe(26);
    expect(toHex(attribute.data)).toBe(hex);
  });

  it('share an attribute and may repeat', () => {
    const shared = { type: 26, data: fromHex('00000009 0105613d62 0205617a62 0105633d64') };
    const alone = vendorTlv(ciscoAttribute.avPair, 'e=f');
    expect(findAllVendor([shared, alone], ciscoAttribute.avPair)).toEqual(['a=b', 'c=d', 'e=f']);
    expect(findVendor([shared, alone], ciscoAttribute.avPair)).toBe('a=b');
  });

  it.each(['', '000028', '000028af', '000028af15', '000028af1502', '000028af150003', '000028af150403'])(
    'are not found in malformed data: %s',
    (hex) => {
      expect(findVendor([{ type: 26, data: fromHex(hex) }], threeGppAttribute.ratType)).toBeUndefined();
    },
  );

  it('are cut to one attribute, and then still readable', () => {
    for (const codec of [ciscoAttribute.avPair, starentAttribute.vpnName]) {
      const attribute = vendorTlv(codec, 'x'.repeat(300));
      expect(attribute.data.length).toBe(253);
      expect(findVendor([attribute], codec)).toMatch(/^x{245,247}$/);
    }
  });

  it('come back, each as the value it was made of', () => {
    fc.assert(
      fc.property(fc.constantFrom(...vendorCodecs), fc.uint8Array({ maxLength: 40 }), (codec, data) => {
        const value = codec.value.decode(data);
        if (value === undefined) return;
        const attribute = vendorTlv(codec, value);
        expect(findVendor([attribute], codec)).toEqual(codec.value.decode(codec.value.encode(value)));
        expect(describeVendorSpecific(attribute.data)).toContain(codec.name);
      }),
    );
  });

  it('are rewritten in place, wherever they stand, and others left alone', () => {
    const shared = { type: 26, data: fromHex('00000009 0104 6162 0204 6364 0104 6566') };
    const others = [
      { type: 26, data: fromHex('000028af 0104 6162') },
      { type: 25, data: fromHex('00000009 0104 6162') },
    ];
    const rewritten = rewriteVendor([shared, ...others], ciscoAttribute.avPair, (data) => data.toReversed());
    expect(toHex(rewritten[0]!.data)).toBe('00000009010462610204636401046665');
    expect(rewritten.slice(1)).toEqual(others);
    expect(rewritten[1]).toBe(others[0]);
    expect(toHex(shared.data)).toBe('00000009010461620204636401046566');
    expect(() => rewriteVendor([shared], ciscoAttribute.avPair, () => new Uint8Array(1))).toThrow(RangeError);
  });

  it.each([
    ['', 'of 0 octets'],
    ['000028', 'of 3 octets'],
    ['00000001 0102', 'of vendor 1, 2 octets'],
    ['000028af 150303', 'of vendor 10415 (3GPP-RAT-Type 3)'],
    ['000028af 150303 6403ff', 'of vendor 10415 (3GPP-RAT-Type 3, 100 of 1 octets)'],
    ['000028af 15040303', 'of vendor 10415 (21 of 2 octets)'],
    ['000028af 150303 15', 'of vendor 10415 (3GPP-RAT-Type 3, cut short)'],
    ['00000137 1004aabb', 'of vendor 311 (MS-MPPE-Send-Key (hidden))'],
  ])('are described: %s', (hex, line) => {
    expect(describeVendorSpecific(fromHex(hex))).toBe(line);
  });

  it('never throw and never look outside, whatever the octets are', () => {
    const vendor = fc.constantFrom('00000009', '00000137', '00000de9', '00001fe4', '000028af');
    fc.assert(
      fc.property(vendor, fc.uint8Array({ maxLength: 60 }), (number, rest) => {
        const data = Uint8Array.of(...fromHex(number), ...rest);
        describeVendorSpecific(data);
        for (const codec of vendorCodecs) {
          findAllVendor([{ type: 26, data }], codec);
          expect(rewriteVendor([{ type: 26, data }], codec, (octets) => octets)).toEqual([{ type: 26, data }]);
        }
      }),
      { numRuns: 300 },
    );
  });
});
