import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assertRobust } from '../../../tests/wire/robustness.ts';
import { ipv4Of, macOf } from '../../kernel/address.ts';
import { decoded, failed } from '../bytes/decoded.ts';
import { fromHex, toHex, utf8Encode } from '../bytes/text.ts';
import { find, type Tlv, tlv } from '../bytes/tlv.ts';
import { type DhcpMessage, decodeDhcp, describeDhcp, encodeDhcp } from './message.ts';
import { dhcpOption, relaySubOption } from './options.ts';
import { dhcpVectors } from './vectors.ts';

const [discover, discoverAgain, ack, overloaded, long] = dhcpVectors.map((vector) => fromHex(vector.hex));
const none = ipv4Of(0);
const noOctets = new Uint8Array(0);

const request: DhcpMessage = {
  op: 'request',
  hops: 0,
  transactionId: 1,
  secs: 0,
  broadcast: false,
  clientAddress: none,
  yourAddress: none,
  serverAddress: none,
  relayAddress: none,
  clientMac: macOf(0x020000000001),
  serverName: noOctets,
  bootFile: noOctets,
  options: [tlv(dhcpOption.messageType, 'request')],
};

function messageOf(bytes: Uint8Array | undefined): DhcpMessage {
  const message = decodeDhcp(bytes!);
  if (!message.ok) throw new Error(`does not decode: ${message.reason} at ${message.offset}`);
  return message.value;
}

/** A request whose options field holds these octets, and nothing behind them. */
function withOptions(hex: string): Uint8Array {
  const options = fromHex(hex);
  const bytes = new Uint8Array(240 + options.length);
  bytes.set(encodeDhcp(request).subarray(0, 240));
  bytes.set(options, 240);
  return bytes;
}

describe('DHCP messages', () => {
  it('decodes a DISCOVER', () => {
    expect(messageOf(discover)).toEqual({
      ...request,
      transactionId: 0x3482fd4d,
      options: [
        tlv(dhcpOption.messageType, 'discover'),
        tlv(dhcpOption.maximumMessageSize, 576),
        tlv(dhcpOption.parameterRequestList, [1, 3, 6, 12, 15, 28, 42]),
        tlv(dhcpOption.hostName, 'ue-1'),
        tlv(dhcpOption.vendorClassIdentifier, 'udhcp 1.35.0'),
        tlv(dhcpOption.clientIdentifier, fromHex('01020000000001')),
      ],
    });
  });

  it('decodes an ACK with relay agent information', () => {
    const message = messageOf(ack);
    expect(message).toMatchObject({ op: 'reply', broadcast: true, yourAddress: 0xc0000207, relayAddress: 0x0a000002 });
    expect(find(message.options, dhcpOption.relayAgentInformation)).toEqual([
      tlv(relaySubOption.circuitId, fromHex('00640001')),
      tlv(relaySubOption.remoteId, fromHex('020000000099')),
    ]);
  });

  it('encodes what it decoded to the same octets', () => {
    for (const bytes of [discover, discoverAgain]) expect(toHex(encodeDhcp(messageOf(bytes)))).toBe(toHex(bytes!));
    expect(toHex(encodeDhcp(messageOf(ack)))).toBe(toHex(ack!).padEnd(600, '0'));
  });

  it('reads options from file, then sname, and joins parts in that order (RFC 3396)', () => {
    const message = messageOf(overloaded);
    expect(message).toMatchObject({ serverName: noOctets, bootFile: noOctets, secs: 5 });
    expect(message.options).toEqual([
      tlv(dhcpOption.messageType, 'request'),
      tlv(dhcpOption.requestedAddress, ipv4Of(0xc0000207)),
      tlv(dhcpOption.hostName, 'ue-1'),
      tlv(dhcpOption.serverIdentifier, ipv4Of(0xc0000201)),
    ]);
    expect(decodeDhcp(encodeDhcp(message))).toEqual(decoded(message));
  });

  it('joins and splits long options', () => {
    const message = messageOf(long);
    expect(find(message.options, dhcpOption.message)).toBe(`${'a'.repeat(255)}bbb`);
    expect(decodeDhcp(encodeDhcp(message))).toEqual(decoded(message));
    expect(toHex(encodeDhcp(message))).toContain(`38ff${'61'.repeat(255)}3803626262`);
  });

  it('keeps sname and file, cut at their length', () => {
    const bytes = encodeDhcp({ ...request, serverName: utf8Encode('s'.repeat(70)), bootFile: utf8Encode('boot') });
    const message = messageOf(bytes);
    expect(message.serverName).toEqual(utf8Encode('s'.repeat(64)));
    expect(message.bootFile).toEqual(utf8Encode('boot'.padEnd(128, '\0')));
    expect(encodeDhcp(message)).toEqual(bytes);
  });

  it('sends relay agent information last, and its own Pad, End and Overload only', () => {
    const relay = tlv(dhcpOption.relayAgentInformation, [tlv(relaySubOption.circuitId, Uint8Array.of(1))]);
    const intruders = [0, 255, 52].map((type): Tlv => ({ type, data: Uint8Array.of(3) }));
    const options = [...intruders, relay, ...request.options, { type: 224, data: noOctets }];
    const bytes = encodeDhcp({ ...request, options });
    expect(toHex(bytes.subarray(240))).toBe('350103e0005203010101ff'.padEnd(120, '0'));
  });

  it('is never shorter than 300 octets (RFC 1542)', () => {
    expect(encodeDhcp(request).length).toBe(300);
    expect(encodeDhcp({ ...request, options: [{ type: 224, data: new Uint8Array(100) }] }).length).toBe(343);
  });

  it('accepts a message without End, and padding between options', () => {
    expect(messageOf(withOptions('000035010300003204c0000201')).options).toHaveLength(2);
  });

  it.each([
    ['an unknown op', 0, 3, failed('bad-value', 0)],
    ['another hardware', 1, 6, failed('unsupported', 1)],
    ['another hardware address length', 2, 8, failed('unsupported', 2)],
    ['another magic cookie', 239, 0, failed('bad-magic', 236)],
  ])('refuses %s', (_, at, value, failure) => {
    const bytes = encodeDhcp(request);
    bytes[at] = value;
    expect(decodeDhcp(bytes)).toEqual(failure);
  });

  it.each([
    ['BOOTP without a message type', '3204c0000201ff', failed('unsupported', 240)],
    ['a malformed option', '3501033203c00002ff', failed('bad-value', 243)],
    ['an option that is cut short', '3501033204c000', failed('truncated', 243)],
    ['an option without length', '35010332', failed('truncated', 243)],
    ['two message types, which are one of two octets', '350103350103ff', failed('bad-value', 240)],
    ['an unknown overload', '350103340104ff', failed('bad-value', 243)],
    ['an overload of two octets', '35010334020101ff', failed('bad-value', 243)],
  ])('refuses %s', (_, hex, failure) => {
    expect(decodeDhcp(withOptions(hex))).toEqual(failure);
  });

  it('ignores an overload inside an overloaded field', () => {
    const bytes = overloaded!.slice();
    bytes[240 + 5] = 1;
    bytes.set(fromHex('340103ff'), 108);
    const message = messageOf(bytes);
    expect(message.serverName).toEqual(bytes.subarray(44, 108));
    expect(message.options.map((option) => option.type)).toEqual([53, 50]);
  });

  it('refuses an option that leaves its overloaded field', () => {
    const bytes = overloaded!.slice();
    bytes[44 + 1] = 63;
    expect(decodeDhcp(bytes)).toEqual(failed('truncated', 44));
  });

  it('refuses what is too short for a message', () => {
    expect(decodeDhcp(encodeDhcp(request).subarray(0, 239))).toEqual(failed('truncated', 239));
  });

  it('withstands every truncation and mutation', () => {
    assertRobust(decodeDhcp, dhcpVectors, (message) => [encodeDhcp(message), describeDhcp(message)]);
  });

  it('describes itself in one line', () => {
    expect(describeDhcp(messageOf(discoverAgain))).toBe(
      'DHCPDISCOVER 0xb1ea8079 02:00:00:00:00:01 requested 192.0.2.7',
    );
    expect(describeDhcp(messageOf(ack))).toBe(
      'DHCPACK 0x3903f326 02:00:00:00:00:01 gives 192.0.2.7 server 192.0.2.1 relay 10.0.0.2',
    );
    expect(describeDhcp({ ...request, clientAddress: ipv4Of(1), options: [tlv(dhcpOption.message, 'a\nb')] })).toBe(
      'BOOTREQUEST 0x00000001 02:00:00:00:00:01 from 0.0.0.1 "a\\nb"',
    );
  });
});

describe('any DHCP message', () => {
  const address = fc.integer({ min: 0, max: 0xffffffff }).map(ipv4Of);
  const unknownOption = fc.record({
    type: fc.integer({ min: 128, max: 254 }),
    data: fc.uint8Array({ maxLength: 600 }),
  });
  const message: fc.Arbitrary<DhcpMessage> = fc.record({
    op: fc.constantFrom('request', 'reply'),
    hops: fc.nat(255),
    transactionId: fc.nat(0xffffffff),
    secs: fc.nat(0xffff),
    broadcast: fc.boolean(),
    clientAddress: address,
    yourAddress: address,
    serverAddress: address,
    relayAddress: address,
    clientMac: fc.nat(0xffffffffffff).map(macOf),
    serverName: fc.constant(noOctets),
    bootFile: fc.constant(noOctets),
    options: fc
      .uniqueArray(unknownOption, { selector: (option) => option.type, maxLength: 6 })
      .map((options) => [...request.options, ...options]),
  });

  it('decodes to itself', () => {
    fc.assert(
      fc.property(message, (value) => {
        expect(decodeDhcp(encodeDhcp(value))).toEqual(decoded(value));
      }),
    );
  });

  it('may hold an option in very many parts', () => {
    const parts = withOptions(`350103${'e00161'.repeat(20_000)}`);
    expect(find(messageOf(parts).options, { ...dhcpOption.clientIdentifier, type: 0xe0 })).toHaveLength(20_000);
  });
});
