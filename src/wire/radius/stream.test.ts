import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RadiusStream } from './stream.ts';

function packet(length: number, code = 1): Uint8Array {
  const bytes = new Uint8Array(length).fill(7);
  bytes.set([code, 9, length >> 8, length & 0xff]);
  return bytes;
}

const flat = (packets: readonly Uint8Array[]) => Uint8Array.from(packets.flatMap((bytes) => [...bytes]));

describe('a stream of RADIUS packets', () => {
  it('gives the packets that were put into it, however it is cut', () => {
    const length = fc.oneof(fc.integer({ min: 20, max: 60 }), fc.constantFrom(20, 4096));
    fc.assert(
      fc.property(fc.array(length, { maxLength: 6 }), fc.array(fc.integer({ min: 1, max: 5000 })), (lengths, cuts) => {
        const packets = lengths.map((octets) => packet(octets));
        let rest = flat(packets);
        const stream = new RadiusStream();
        const found: Uint8Array[] = [];
        for (const cut of [...cuts, rest.length]) {
          for (const each of stream.take(rest.subarray(0, cut))!) found.push(each.slice());
          rest = rest.subarray(cut);
        }
        for (const each of stream.take(rest)!) found.push(each.slice());
        expect(found).toEqual(packets);
      }),
      { numRuns: 100 },
    );
  });

  it.each([[0], [19], [4097], [65_535]])('cannot go on behind a Length of %i', (length) => {
    const head = Uint8Array.of(1, 9, length >> 8, length & 0xff);
    expect(new RadiusStream().take(head)).toBeUndefined();
    expect(new RadiusStream().take(flat([packet(20), head]))).toBeUndefined();
  });

  it('waits for a packet that is not whole', () => {
    const stream = new RadiusStream();
    expect(stream.take(packet(30).subarray(0, 3))).toEqual([]);
    expect(stream.take(packet(30).subarray(3, 29))).toEqual([]);
    expect(stream.take(packet(30).subarray(29))).toEqual([packet(30)]);
  });
});
