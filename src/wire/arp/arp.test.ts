import { describe, expect, it } from 'vitest';
import { assertRobust } from '../../../tests/wire/robustness.ts';
import { ipv4Of, macOf } from '../../kernel/address.ts';
import { decoded, failed } from '../bytes/decoded.ts';
import { fromHex, toHex } from '../bytes/text.ts';
import { arpReply, decodeArp, describeArp, encodeArp, gratuitousArp } from './arp.ts';
import { arpVectors } from './vectors.ts';

const routerMac = macOf(0x00005e005213);
const [request, reply] = arpVectors.map((vector) => vector.value!);

describe('ARP', () => {
  it.each(arpVectors)('decodes and encodes: $name', ({ hex, value }) => {
    expect(decodeArp(fromHex(hex))).toEqual(decoded(value));
    expect(toHex(encodeArp(value!))).toBe(toHex(fromHex(hex)));
  });

  it('withstands every truncation and mutation', () => {
    assertRobust(decodeArp, arpVectors, (value) => [encodeArp(value), describeArp(value)]);
  });

  it.each([
    ['another hardware', 1, 6, failed('unsupported', 0)],
    ['another protocol', 2, 0x86, failed('unsupported', 2)],
    ['another hardware address length', 4, 8, failed('bad-length', 4)],
    ['another protocol address length', 5, 16, failed('bad-length', 4)],
    ['RARP', 7, 3, failed('unsupported', 6)],
  ])('refuses %s', (_, at, value, failure) => {
    const bytes = encodeArp(request!);
    bytes[at] = value;
    expect(decodeArp(bytes)).toEqual(failure);
  });

  it('ignores frame padding', () => {
    const frame = new Uint8Array(46);
    frame.set(encodeArp(request!));
    expect(decodeArp(frame)).toEqual(decoded(request));
  });

  it('answers a request', () => {
    expect(arpReply(request!, routerMac)).toEqual(reply);
  });

  it('announces an address: sender and target are the same (RFC 5227)', () => {
    const announcement = gratuitousArp(routerMac, ipv4Of(0xc0000201));
    expect(toHex(encodeArp(announcement))).toBe('000108000604000100005e005213c0000201000000000000c0000201');
    expect(describeArp(announcement)).toBe('ARP announcement 192.0.2.1 at 00:00:5e:00:52:13');
  });
});
