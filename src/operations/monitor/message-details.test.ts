import { describe, expect, it } from 'vitest';
import { parseIpv4 } from '../../kernel/address.ts';
import { toHex, utf8Encode } from '../../wire/bytes/text.ts';
import { tlv } from '../../wire/bytes/tlv.ts';
import { radiusAttribute } from '../../wire/radius/attributes.ts';
import { radiusCode } from '../../wire/radius/constants.ts';
import { encodeRadius } from '../../wire/radius/packet.ts';
import { encodeUdpPacket } from '../../wire/udp/udp.ts';
import { detailLines, hexLines } from './message-details.ts';

function packetOf(payload: Uint8Array): string {
  const ends = { source: parseIpv4('10.6.0.1')!, destination: parseIpv4('10.6.0.2')! };
  return toHex(encodeUdpPacket(ends, { sourcePort: 1812, destinationPort: 40_000, payload }));
}

const reject = encodeRadius({
  code: radiusCode.accessReject,
  identifier: 7,
  authenticator: new Uint8Array(16),
  attributes: [tlv(radiusAttribute.replyMessage, 'not you'), { type: 250, data: Uint8Array.from([1, 2]) }],
});

describe('the details of a message', () => {
  it('has every field on a line', () => {
    expect(detailLines({ leg: 'aaa', packet: packetOf(reject) })).toEqual([
      'IPv4 10.6.0.1 > 10.6.0.2',
      'UDP 1812 > 40000, 33 octets',
      'RADIUS accessReject, identifier 7',
      `  authenticator ${'00'.repeat(16)}`,
      '  18 Reply-Message: "not you"',
      '  attribute 250: 0102',
    ]);
  });

  it.each([
    ['eogre', 'DHCPv4: truncated at octet 3'],
    ['s2a-pmipv6', 'PMIPv6: truncated at octet 3'],
    ['aaa', 'RADIUS: truncated at octet 3'],
  ] as const)('of what cannot be read on %s says where', (leg, line) => {
    expect(detailLines({ leg, packet: packetOf(utf8Encode('abc')) }).at(-1)).toBe(line);
  });

  it('of what is no packet says so', () => {
    expect(detailLines({ leg: 'aaa', packet: '45' })).toEqual(['an IPv4 packet that is truncated']);
  });
});

it('octets are shown sixteen a line, with their characters', () => {
  expect(hexLines({ leg: 'aaa', packet: toHex(utf8Encode('abcdefghijklmnop\u0001q')) })).toEqual([
    '0000  61 62 63 64 65 66 67 68 69 6a 6b 6c 6d 6e 6f 70  abcdefghijklmnop',
    '0010  01 71                                            .q',
  ]);
});
