import { describe, expect, it } from 'vitest';
import { assertRobust } from '../../../tests/wire/robustness.ts';
import { ipv4Of, parseIpv4 } from '../../kernel/address.ts';
import { decoded, failed } from '../bytes/decoded.ts';
import { fromHex, toHex } from '../bytes/text.ts';
import { decodeIpv4, encodeIpv4, type Ipv4Fields } from '../ipv4/ipv4.ts';
import { encodeUdpPacket } from '../udp/udp.ts';
import {
  decodeIcmp,
  destinationUnreachablePacket,
  echoReplyPacket,
  encodeIcmp,
  encodeIcmpPacket,
  fragmentationNeededPacket,
  mayAnswerWithIcmpError,
  timeExceededPacket,
  unreachableCode,
} from './icmp.ts';
import { icmpVectors } from './vectors.ts';

const router = ipv4Of(0xc0000201);
const client = ipv4Of(0xc0000207);
const far = ipv4Of(0xc6336409);

function messageOf(packet: Uint8Array | undefined) {
  const header = decodeIpv4(packet!);
  const message = decodeIcmp(packet!, 20);
  if (!header.ok || !message.ok) throw new Error('not a valid ICMP packet');
  return { ...header.value, message: message.value };
}

describe('ICMP', () => {
  it.each(icmpVectors)('decodes and encodes: $name', ({ hex, value }) => {
    expect(decodeIcmp(fromHex(hex))).toEqual(decoded(value));
    expect(toHex(encodeIcmp(value!))).toBe(toHex(fromHex(hex)));
  });

  it('withstands every truncation and mutation', () => {
    assertRobust(decodeIcmp, icmpVectors, encodeIcmp);
  });

  it('refuses a wrong checksum and a short message', () => {
    expect(decodeIcmp(fromHex('08001501004d000370696e672d706f6e67'))).toEqual(failed('bad-checksum', 2));
    expect(decodeIcmp(fromHex('0800f7ff000000'))).toEqual(failed('truncated', 0));
  });

  it('encodes any message that can be constructed, a short body included', () => {
    const bytes = encodeIcmp({ kind: 'other', type: 9, code: 1, body: Uint8Array.of(5) });
    expect(decodeIcmp(bytes)).toEqual(decoded({ kind: 'other', type: 9, code: 1, body: Uint8Array.of(5, 0, 0, 0) }));
  });

  it('answers an echo request with its own data, from the address it was sent to', () => {
    const echo = { identifier: 77, sequence: 3, data: fromHex('70696e67') };
    const request = encodeIcmpPacket({ source: client, destination: router }, { kind: 'echo-request', ...echo });
    expect(messageOf(echoReplyPacket(request))).toMatchObject({
      source: router,
      destination: client,
      ttl: 64,
      message: { kind: 'echo-reply', ...echo },
    });
    expect(echoReplyPacket(echoReplyPacket(request)!)).toBeUndefined();
    request[22] = 0xff;
    expect(echoReplyPacket(request)).toBeUndefined();
  });

  it.each([
    [20, 48],
    [520, 548],
    [1400, 548],
  ])('quotes as much of a packet with %d octets of data as fits into 576', (payloadLength, quoted) => {
    const payload = new Uint8Array(payloadLength).fill(1);
    const offending = encodeUdpPacket(
      { source: client, destination: far },
      { sourcePort: 1, destinationPort: 2, payload },
    );
    const path = { source: router, destination: client };
    const original = offending.subarray(0, quoted);
    expect(messageOf(fragmentationNeededPacket(path, offending, 1400))).toMatchObject({
      ...path,
      tos: 0xc0,
      message: { kind: 'destination-unreachable', code: 4, nextHopMtu: 1400, original },
    });
    expect(messageOf(timeExceededPacket(path, offending)).message).toEqual({
      kind: 'time-exceeded',
      code: 0,
      original,
    });
    expect(messageOf(destinationUnreachablePacket(path, offending, unreachableCode.host)).message).toEqual({
      kind: 'destination-unreachable',
      code: 1,
      nextHopMtu: 0,
      original,
    });
  });
});

describe('mayAnswerWithIcmpError', () => {
  const udp = { source: client, destination: far, protocol: 17 };
  const icmp = { ...udp, protocol: 1 };
  const data = new Uint8Array(16);
  const from = (text: string): Omit<Ipv4Fields, 'payloadLength'> => ({ ...udp, source: parseIpv4(text)! });
  const to = (text: string): Omit<Ipv4Fields, 'payloadLength'> => ({ ...udp, destination: parseIpv4(text)! });

  it.each([
    ['a unicast packet', encodeIpv4(udp, data), true],
    ['a first fragment', encodeIpv4({ ...udp, moreFragments: true }, data), true],
    ['a later fragment', encodeIpv4({ ...udp, fragmentOffset: 8 }, data), false],
    ['an echo request', encodeIpv4(icmp, Uint8Array.of(8, 0, 0, 0)), true],
    ['an ICMP packet without a type', encodeIpv4(icmp, new Uint8Array(0)), false],
    ...[3, 4, 5, 11, 12].map(
      (type) => [`ICMP error type ${type}`, encodeIpv4(icmp, Uint8Array.of(type)), false] as const,
    ),
    ['a packet to a multicast group', encodeIpv4(to('224.0.0.251'), data), false],
    ['a broadcast', encodeIpv4(to('255.255.255.255'), data), false],
    ['a packet from nobody', encodeIpv4(from('0.0.0.0'), data), false],
    ['a packet from loopback', encodeIpv4(from('127.0.0.1'), data), false],
    ['a packet from a group', encodeIpv4(from('239.1.1.1'), data), false],
    ['a packet from the broadcast address', encodeIpv4(from('255.255.255.255'), data), false],
    ['an invalid packet', encodeIpv4(udp, data).fill(0, 10, 12), false],
  ] as const)('judges %s', (_, packet, expected) => {
    expect(mayAnswerWithIcmpError(packet)).toBe(expected);
  });
});
