import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ipv4Of } from '../../kernel/address.ts';
import { setU16, u16At } from '../bytes/reader.ts';
import { fromHex, toHex } from '../bytes/text.ts';
import { checksumOf, onesComplementSum, pseudoHeaderSum } from '../ipv4/checksum.ts';
import { encodeIpv4 } from '../ipv4/ipv4.ts';
import { clampMss, findMss } from './mss.ts';

const source = ipv4Of(0xc0000207);
const destination = ipv4Of(0xc6336409);

/** A SYN with these options, made by hand from RFC 9293 section 3.1; the options' length is a multiple of 4. */
function synWith(options: string | Uint8Array, flags = 0x02): Uint8Array {
  const data = typeof options === 'string' ? fromHex(options) : options;
  const segment = new Uint8Array(20 + data.length);
  segment.set(fromHex('03e80050 00000001 00000000'));
  segment.set([((20 + data.length) / 4) << 4, flags, 0x20, 0x00], 12);
  segment.set(data, 20);
  setU16(segment, 16, checksumOf(segment, 0, segment.length, pseudo(segment.length)));
  return encodeIpv4({ source, destination, protocol: 6 }, segment);
}

function pseudo(length: number): number {
  return pseudoHeaderSum(source, destination, 6, length);
}

function checksumIsRight(packet: Uint8Array): boolean {
  return onesComplementSum(packet, 20, packet.length, pseudo(packet.length - 20)) === 0xffff;
}

describe('MSS clamping', () => {
  it.each([
    [
      'a SYN of scapy 2.5.0',
      '4500003c0001000040068e77c0000207c633640903e800500000000000000000a002200037830000020405b40402080a000000010000000001030307',
      42,
    ],
    [
      'a SYN of scapy 2.5.0 whose MSS is at an odd octet',
      '450000300001000040068e83c0000207c633640903e80050000000000000000070022000c656000001020405b4000000',
      43,
    ],
  ])('lowers the MSS of %s and keeps its checksum right', (_, hex, at) => {
    const packet = fromHex(hex);
    expect(checksumIsRight(packet)).toBe(true);
    expect(findMss(packet, 20, packet.length)).toBe(at);
    expect(clampMss(packet, 0, 1400)).toBe(true);
    expect(u16At(packet, at)).toBe(1360);
    expect(checksumIsRight(packet)).toBe(true);
    expect(clampMss(packet, 0, 1400)).toBe(false);
  });

  it('finds the packet within a larger buffer', () => {
    const buffer = new Uint8Array(100).fill(0xff);
    buffer.set(synWith('020405b4'), 18);
    expect(clampMss(buffer, 18, 1500)).toBe(false);
    expect(clampMss(buffer, 18, 1499)).toBe(true);
    expect(u16At(buffer, 18 + 42)).toBe(1459);
  });

  it.each([
    ['a segment that is no SYN', synWith('020405b4', 0x10)],
    ['a SYN without options', synWith('')],
    ['a SYN without MSS', synWith('01010402')],
    ['an MSS behind End of Option List', synWith('00000000020405b4')],
    ['an option length of zero', synWith('05000000020405b4')],
    ['an option length of one', synWith('0501020405b40101')],
    ['an option longer than the options', synWith('05ff0000')],
    ['an MSS of the wrong length', synWith('020305b4')],
    ['a kind without a length at the end', synWith('01010105')],
    ['a data offset behind the packet', patched(synWith('020405b4'), 32, 0xf0)],
    ['a data offset under the header', patched(synWith('020405b4'), 32, 0x40)],
    ['a fragment other than the first', patched(synWith('020405b4'), 7, 1)],
    ['another protocol', patched(synWith('020405b4'), 9, 17)],
  ])('leaves alone %s', (_, packet) => {
    const before = toHex(packet);
    expect(clampMss(packet, 0, 576)).toBe(false);
    expect(toHex(packet)).toBe(before);
  });

  it('leaves alone a segment too short for a header', () => {
    const packet = encodeIpv4({ source, destination, protocol: 6 }, new Uint8Array(19).fill(0xff));
    expect(clampMss(packet, 0, 576)).toBe(false);
  });

  it('neither throws nor spoils the checksum for any options', () => {
    const options = fc.nat(10).chain((words) => fc.uint8Array({ minLength: words * 4, maxLength: words * 4, max: 12 }));
    fc.assert(
      fc.property(options, fc.integer({ min: 68, max: 9000 }), (data, mtu) => {
        const packet = synWith(data);
        clampMss(packet, 0, mtu);
        expect(checksumIsRight(packet)).toBe(true);
      }),
    );
  });
});

function patched(packet: Uint8Array, at: number, value: number): Uint8Array {
  packet[at] = value;
  return packet;
}
