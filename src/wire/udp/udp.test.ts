import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assertRobust } from '../../../tests/wire/robustness.ts';
import { ipv4Of } from '../../kernel/address.ts';
import { decoded, failed } from '../bytes/decoded.ts';
import { fromHex, toHex } from '../bytes/text.ts';
import { decodeIpv4 } from '../ipv4/ipv4.ts';
import { decodeUdp, encodeUdpPacket, type UdpDatagram, writeUdp } from './udp.ts';
import { udpVectors } from './vectors.ts';

const source = ipv4Of(0xc0000207);
const destination = ipv4Of(0xc6336409);

function decode(bytes: Uint8Array) {
  return decodeUdp(bytes, 0, bytes.length, source, destination);
}

function encode(datagram: UdpDatagram): Uint8Array {
  return encodeUdpPacket({ source, destination }, datagram).subarray(20);
}

describe('UDP', () => {
  it.each(udpVectors)('decodes $name', ({ hex }) => {
    const payload = fromHex(hex).subarray(8);
    expect(decode(fromHex(hex))).toEqual(decoded({ sourcePort: 1000, destinationPort: 2000, payload }));
  });

  it.each(udpVectors.slice(0, 2))('encodes $name', ({ hex }) => {
    const payload = fromHex(hex).subarray(8);
    expect(toHex(encode({ sourcePort: 1000, destinationPort: 2000, payload }))).toBe(toHex(fromHex(hex)));
  });

  it('withstands every truncation and mutation', () => {
    assertRobust(decode, udpVectors, encode);
  });

  it.each([
    ['a length under the header', '03e807d000074379616263', failed('bad-length', 4)],
    ['a length over the range', '03e807d0000c4379616263', failed('truncated', 4)],
    ['a wrong checksum', '03e807d0000b4378616263', failed('bad-checksum', 6)],
  ])('refuses %s', (_, hex, failure) => {
    expect(decode(fromHex(hex))).toEqual(failure);
  });

  it('ignores octets behind the UDP length', () => {
    expect(decode(fromHex(`${udpVectors[0]!.hex}ffff`))).toMatchObject({ value: { payload: fromHex('616263') } });
  });

  it('sends a checksum that computes to zero as 0xffff', () => {
    const zeroSum = new Uint8Array(2);
    const datagram = { sourcePort: 1000, destinationPort: 2000, payload: zeroSum };
    // With its own checksum as payload the datagram sums up to 0xffff.
    zeroSum.set(encode(datagram).subarray(6, 8));
    expect(toHex(encode(datagram)).slice(12, 16)).toBe('ffff');
    expect(decode(encode(datagram))).toEqual(decoded(datagram));
  });

  it('makes a whole packet that decodes to the same datagram', () => {
    fc.assert(
      fc.property(
        fc.nat(0xffff),
        fc.nat(0xffff),
        fc.uint8Array({ maxLength: 80 }),
        (sourcePort, destinationPort, payload) => {
          const datagram = { sourcePort, destinationPort, payload };
          const packet = encodeUdpPacket({ source, destination, ttl: 255 }, datagram);
          expect(decodeIpv4(packet)).toMatchObject({ value: { protocol: 17, ttl: 255, source, destination } });
          expect(decodeUdp(packet, 20, packet.length, source, destination)).toEqual(decoded(datagram));
        },
      ),
    );
  });

  it('writes into a larger buffer, and nothing else', () => {
    const bytes = new Uint8Array(13).fill(0xee);
    writeUdp(bytes, 1, { sourcePort: 1000, destinationPort: 2000, payload: fromHex('616263') }, source, destination);
    expect(toHex(bytes)).toBe('ee03e807d0000b4379616263ee');
  });
});
