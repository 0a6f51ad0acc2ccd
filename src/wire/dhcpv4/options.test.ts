import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ipv4Of } from '../../kernel/address.ts';
import { fromHex, toHex, utf8Encode } from '../bytes/text.ts';
import { type TlvCodec, tlv } from '../bytes/tlv.ts';
import { dhcpOption, dhcpOptionTable, relaySubOption } from './options.ts';

const router = ipv4Of(0xc0000201);

/** Every option once: its data, its value and what it says of itself. */
const examples: readonly (readonly [codec: TlvCodec<unknown>, hex: string, value: unknown, text: string])[] = [
  [dhcpOption.subnetMask, 'ffffff00', 0xffffff00, '255.255.255.0'],
  [dhcpOption.router, 'c0000201', [router], '192.0.2.1'],
  [dhcpOption.domainNameServer, 'c0000201c0000202', [router, ipv4Of(0xc0000202)], '192.0.2.1,192.0.2.2'],
  [dhcpOption.hostName, '75652d31', 'ue-1', '"ue-1"'],
  [dhcpOption.domainName, '75652d31', 'ue-1', '"ue-1"'],
  [dhcpOption.interfaceMtu, '0578', 1400, '1400'],
  [dhcpOption.broadcastAddress, 'c00002ff', 0xc00002ff, '192.0.2.255'],
  [dhcpOption.requestedAddress, 'c0000201', router, '192.0.2.1'],
  [dhcpOption.leaseTime, 'ffffffff', 0xffffffff, '4294967295 s'],
  [dhcpOption.messageType, '08', 'inform', 'inform'],
  [dhcpOption.serverIdentifier, 'c0000201', router, '192.0.2.1'],
  [dhcpOption.parameterRequestList, '010379', [1, 3, 121], '1,3,121'],
  [dhcpOption.message, '6e6f', 'no', '"no"'],
  [dhcpOption.maximumMessageSize, '0240', 576, '576'],
  [dhcpOption.renewalTime, '00000708', 1800, '1800 s'],
  [dhcpOption.rebindingTime, '00000c4e', 3150, '3150 s'],
  [dhcpOption.vendorClassIdentifier, '7564686370', 'udhcp', '"udhcp"'],
  [dhcpOption.clientIdentifier, '01020000000001', fromHex('01020000000001'), '01020000000001'],
  [
    dhcpOption.relayAgentInformation,
    '010200640202aabb0504c0000201060161 98010a',
    [
      tlv(relaySubOption.circuitId, fromHex('0064')),
      tlv(relaySubOption.remoteId, fromHex('aabb')),
      tlv(relaySubOption.linkSelection, router),
      tlv(relaySubOption.subscriberId, 'a'),
      { type: 0x98, data: fromHex('0a') },
    ],
    'Agent Circuit ID 0064, Agent Remote ID aabb, Link Selection 192.0.2.1, Subscriber-ID "a", 152 0a',
  ],
  [
    dhcpOption.classlessStaticRoute,
    '00c0000201 190a01ff80c0000201',
    [
      { destination: 0, prefixLength: 0, router },
      { destination: ipv4Of(0x0a01ff80), prefixLength: 25, router },
    ],
    '0.0.0.0/0 via 192.0.2.1, 10.1.255.128/25 via 192.0.2.1',
  ],
];

describe('DHCP options', () => {
  it('has an example of each', () => {
    expect(examples.map(([codec]) => codec)).toEqual([...dhcpOptionTable.values()]);
    expect([...dhcpOptionTable.keys()]).toEqual([
      1, 3, 6, 12, 15, 26, 28, 50, 51, 53, 54, 55, 56, 57, 58, 59, 60, 61, 82, 121,
    ]);
  });

  it.each(examples.map(([codec, ...rest]) => [codec.name, codec, ...rest] as const))(
    '%s',
    (_, codec, hex, value, text) => {
      expect(codec.decode(fromHex(hex))).toEqual(value);
      expect(toHex(codec.encode(value))).toBe(toHex(fromHex(hex)));
      expect(codec.describe(value)).toBe(text);
    },
  );

  it.each([
    ['an address of three octets', dhcpOption.requestedAddress, 'c00002'],
    ['no router at all', dhcpOption.router, ''],
    ['a router and a half', dhcpOption.router, 'c0000201c000'],
    ['a lease of two octets', dhcpOption.leaseTime, '0e10'],
    ['an MTU of one octet', dhcpOption.interfaceMtu, '05'],
    ['message type 0', dhcpOption.messageType, '00'],
    ['message type 9', dhcpOption.messageType, '09'],
    ['a message type of two octets', dhcpOption.messageType, '0101'],
    ['a client identifier of one octet', dhcpOption.clientIdentifier, '01'],
    ['relay information without sub-options', dhcpOption.relayAgentInformation, ''],
    ['a sub-option without length', dhcpOption.relayAgentInformation, '01'],
    ['a sub-option that is cut short', dhcpOption.relayAgentInformation, '010400'],
    ['a sub-option with a bad value', dhcpOption.relayAgentInformation, '0503c00002'],
    ['a repeated sub-option', dhcpOption.relayAgentInformation, '010161010162'],
    ['a route with prefix length 33', dhcpOption.classlessStaticRoute, '210a00000000c0000201'],
    ['a route without its router', dhcpOption.classlessStaticRoute, '080ac00002'],
    ['no route at all', dhcpOption.classlessStaticRoute, ''],
  ])('refuses %s', (_, codec, hex) => {
    expect(codec.decode(fromHex(hex))).toBeUndefined();
  });

  it('drops trailing NULs of texts, and accepts empty ones', () => {
    expect(dhcpOption.hostName.decode(utf8Encode('ue\0\0'))).toBe('ue');
    expect(dhcpOption.hostName.decode(new Uint8Array(0))).toBe('');
  });

  it('sends only the network of a route', () => {
    const data = dhcpOption.classlessStaticRoute.encode([{ destination: router, prefixLength: 22, router }]);
    expect(toHex(data)).toBe('16c00000c0000201');
    expect(dhcpOption.classlessStaticRoute.decode(fromHex('16c00003c0000201'))).toMatchObject([
      { destination: 0xc0000000 },
    ]);
  });

  it('decodes what it encodes, whatever data decodes', () => {
    fc.assert(
      fc.property(fc.constantFrom(...dhcpOptionTable.values()), fc.uint8Array({ maxLength: 24 }), (codec, data) => {
        const value = codec.decode(data);
        if (value === undefined) return;
        expect(codec.decode(codec.encode(value))).toEqual(value);
        codec.describe(value);
      }),
      { numRuns: 2000 },
    );
  });
});
