import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Ipv4Address, ipv4Of } from '../../kernel/address.ts';
import { setU16, u16At } from '../bytes/reader.ts';
import { echoReplyPacket, encodeIcmpPacket, timeExceededPacket } from '../icmp/icmp.ts';
import { encodeUdpPacket } from '../udp/udp.ts';
import { onesComplementSum } from './checksum.ts';
import { decodeIpv4, encodeIpv4, ipProtocol, ipv4DestinationAt, ipv4SourceAt } from './ipv4.ts';
import { translateIpv4 } from './translate.ts';

const inside = ipv4Of(0x0a2d0001);
const outside = ipv4Of(0xc0a80105);
const host = ipv4Of(0xc6120009);
const anyAddress = fc.integer({ min: 1, max: 0xffffffff }).map((value) => ipv4Of(value));

/** A TCP segment of 20 octets and data, with its checksum over the pseudo header (RFC 9293 section 3.1). */
function tcpPacket(source: Ipv4Address, destination: Ipv4Address, data: Uint8Array): Uint8Array {
  const segment = new Uint8Array(20 + data.length);
  segment[12] = 5 << 4;
  segment.set(data, 20);
  const packet = encodeIpv4({ source, destination, protocol: ipProtocol.tcp }, segment);
  setU16(packet, 20 + 16, ~pseudoSum(packet) & 0xffff);
  return packet;
}

/** The sum over pseudo header and payload: 0xffff where the checksum is right. */
function pseudoSum(packet: Uint8Array): number {
  const pseudo = new Uint8Array(12 + packet.length - 20);
  pseudo.set(packet.subarray(12, 20));
  pseudo[9] = packet[9]!;
  setU16(pseudo, 10, packet.length - 20);
  pseudo.set(packet.subarray(20), 12);
  return onesComplementSum(pseudo, 0, pseudo.length);
}

describe('a translated packet', () => {
  it('of UDP is the one that would have been made with the other address', () => {
    fc.assert(
      fc.property(anyAddress, anyAddress, anyAddress, fc.uint8Array({ maxLength: 40 }), (from, to, peer, payload) => {
        const datagram = { sourcePort: 1, destinationPort: 2, payload };
        const up = encodeUdpPacket({ source: from, destination: peer }, datagram);
        translateIpv4(up, 0, 'source', to);
        expect(up).toEqual(encodeUdpPacket({ source: to, destination: peer }, datagram));
        const down = encodeUdpPacket({ source: peer, destination: from }, datagram);
        translateIpv4(down, 0, 'destination', to);
        expect(down).toEqual(encodeUdpPacket({ source: peer, destination: to }, datagram));
      }),
      { numRuns: 200 },
    );
  });

  it('of TCP keeps its checksum right, and there and back is what it was', () => {
    fc.assert(
      fc.property(anyAddress, anyAddress, fc.uint8Array({ maxLength: 41 }), (from, to, data) => {
        const packet = tcpPacket(from, host, data);
        const before = packet.slice();
        translateIpv4(packet, 0, 'source', to);
        expect(pseudoSum(packet)).toBe(0xffff);
        expect(decodeIpv4(packet)).toMatchObject({ ok: true, value: { source: to } });
        translateIpv4(packet, 0, 'source', from);
        expect(packet).toEqual(before);
      }),
      { numRuns: 100 },
    );
  });

  it('of UDP without a checksum has none afterwards', () => {
    const packet = encodeUdpPacket(
      { source: inside, destination: host },
      { sourcePort: 1, destinationPort: 2, payload: Uint8Array.of(1, 2) },
    );
    setU16(packet, 26, 0);
    translateIpv4(packet, 0, 'source', outside);
    expect(u16At(packet, 26)).toBe(0);
  });

  it('that is a later fragment is changed in its header alone', () => {
    const payload = new Uint8Array(24).fill(7);
    const fields = { source: inside, destination: host, protocol: ipProtocol.udp, fragmentOffset: 64 };
    const packet = encodeIpv4(fields, payload);
    translateIpv4(packet, 0, 'source', outside);
    expect(decodeIpv4(packet)).toMatchObject({ ok: true, value: { source: outside } });
    expect(packet.subarray(20)).toEqual(payload);
  });

  it('of ICMP that is an error quotes what its receiver has sent; an echo stays as it is', () => {
    const sent = encodeUdpPacket(
      { source: inside, destination: host },
      { sourcePort: 5, destinationPort: 6, payload: new Uint8Array(8) },
    );
    const error = timeExceededPacket({ source: host, destination: inside }, sent);
    translateIpv4(error, 0, 'destination', outside);
    expect([ipv4DestinationAt(error, 0), ipv4SourceAt(error, 28)]).toEqual([outside, outside]);
    expect(onesComplementSum(error, 20, error.length)).toBe(0xffff);
    expect(onesComplementSum(error, 28, 48)).toBe(0xffff);
    const echo = { kind: 'echo-request', identifier: 1, sequence: 2, data: new Uint8Array(4) } as const;
    const request = encodeIcmpPacket({ source: inside, destination: host }, echo);
    translateIpv4(request, 0, 'source', outside);
    expect(request).toEqual(encodeIcmpPacket({ source: outside, destination: host }, echo));
    expect(echoReplyPacket(request)).toBeDefined();
  });
});
