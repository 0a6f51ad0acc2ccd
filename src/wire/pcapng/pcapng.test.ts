import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseIpv4 } from '../../kernel/address.ts';
import { type Capture, decodeCapture, encodeCapture } from './pcapng.ts';

const capture: Capture = {
  application: 'samog 1.2.3',
  comment: 'of one UE',
  interfaces: [
    { name: 'eogre', description: 'within tunnels' },
    { name: 'aaa', description: 'RADIUS' },
  ],
  names: [{ address: parseIpv4('10.9.0.7')!, name: 'rg-10.9.0.7' }],
  packets: [
    {
      ...{ interface: 0, epochMicroseconds: 1_772_362_800_123_456, direction: 'received' },
      octets: Uint8Array.from([1, 2, 3, 4, 5]),
      comments: ['why', 'because ◆'],
    },
    { interface: 1, epochMicroseconds: 7, direction: 'sent', octets: new Uint8Array(8), comments: [] },
    { interface: 1, epochMicroseconds: 8, direction: undefined, octets: new Uint8Array(0), comments: ['none'] },
  ],
};

describe('a capture file', () => {
  it('is read as it was written', () => {
    expect(decodeCapture(encodeCapture(capture))).toEqual({ ok: true, value: capture });
  });

  it('is read in the other byte order, in other units, with what it does not know left out', () => {
    const octets = [
      ...[0x0a, 0x0d, 0x0d, 0x0a, 28, 0, 0, 0, 0x4d, 0x3c, 0x2b, 0x1a, 1, 0, 0, 0],
      ...[255, 255, 255, 255, 255, 255, 255, 255, 28, 0, 0, 0],
      // An interface of Ethernet, then one of IPv4 in nanoseconds.
      ...[1, 0, 0, 0, 20, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 20, 0, 0, 0],
      ...[1, 0, 0, 0, 32, 0, 0, 0, 228, 0, 0, 0, 0, 0, 0, 0, 9, 0, 1, 0, 9, 0, 0, 0, 0, 0, 0, 0, 32, 0, 0, 0],
      ...[99, 0, 0, 0, 12, 0, 0, 0, 12, 0, 0, 0],
      ...[0, 1].flatMap((place) => [
        ...[6, 0, 0, 0, 36, 0, 0, 0, place, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0],
        ...[69, 0, 0, 0, 36, 0, 0, 0],
      ]),
    ];
    const read = decodeCapture(Uint8Array.from(octets));
    expect(read.ok && read.value.packets).toEqual([
      {
        ...{ interface: 1, epochMicroseconds: 4_294_967, direction: undefined, comments: [] },
        octets: Uint8Array.from([69, 0]),
      },
    ]);
  });

  it('that is cut off anywhere, or is none, is refused or read as far as it is whole', () => {
    const whole = encodeCapture(capture);
    for (let end = 0; end < whole.length; end += 1) {
      const read = decodeCapture(whole.subarray(0, end));
      if (read.ok) expect(read.value.packets.length).toBeLessThan(capture.packets.length);
    }
    expect(decodeCapture(new Uint8Array(40))).toMatchObject({ ok: false, reason: 'bad-magic' });
    expect(decodeCapture(new Uint8Array(0))).toMatchObject({ ok: false, reason: 'bad-magic' });
  });

  it('of any octets is read or refused', () => {
    const whole = encodeCapture(capture);
    const flipped = fc
      .array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 6 })
      .map((changes) => changes.reduce((bytes, [at, value]) => bytes.with(at, value), whole));
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), flipped), (octets) => {
        decodeCapture(octets);
      }),
      { numRuns: 500 },
    );
  });
});
