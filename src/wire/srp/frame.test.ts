import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { testSrpDigests } from '../../../tests/support/srp-digests.ts';
import { fromHex, toHex, utf8Encode } from '../bytes/text.ts';
import { ordinalMax } from '../checkpoint/codec.ts';
import { describeFrame } from './describe.ts';
import {
  type Frame,
  type FrameFault,
  FrameReader,
  type FrameTerms,
  FrameWriter,
  frameHeaderOctets,
  frameOverheadOctets,
} from './frame.ts';

const key = utf8Encode('0123456789abcdef');
const terms: FrameTerms = { version: 1, key, maxFrameOctets: 400 };

interface Read {
  readonly frames: readonly Frame[];
  readonly fault: FrameFault | undefined;
}

/** Reads octets cut into chunks; keeps what is delivered. */
function read(reader: FrameReader, chunks: readonly Uint8Array[]): Read {
  const frames: Frame[] = [];
  let fault: FrameFault | undefined;
  for (const chunk of chunks) {
    fault = reader.feed<never>(chunk, (frame) => {
      frames.push({ ...frame, body: frame.body.slice() });
      return undefined;
    });
    expect(reader.keptOctets).toBeLessThanOrEqual(terms.maxFrameOctets);
  }
  return { frames, fault };
}

const readAll = (octets: Uint8Array): Read => read(new FrameReader(testSrpDigests, terms), [octets]);

function frames(count: number): Uint8Array[] {
  const writer = new FrameWriter(testSrpDigests, terms);
  return Array.from({ length: count }, (_, index) => writer.frame(8, 7, new Uint8Array(index * 10).fill(index)));
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

/** Python: hmac.new(key, header + body, 'sha256').digest()[:16] */
const golden = '53525031 0001 08 00 00000003 0000000000000000 0000000100000002 aabbcc 9e26f3a6ad46d7a024072b09ac5c511a';

describe('a frame', () => {
  it('is as written by hand, its tag by another implementation of HMAC-SHA-256', () => {
    const frame = new FrameWriter(testSrpDigests, terms).frame(8, 0x100000002, fromHex('aabbcc'));
    expect(toHex(frame)).toBe(toHex(fromHex(golden)));
    const result = readAll(frame);
    expect(result).toEqual({
      fault: undefined,
      frames: [{ version: 1, type: 8, compressed: false, sequence: 0, term: 0x100000002, body: fromHex('aabbcc') }],
    });
    expect(describeFrame(result.frames[0]!)).toBe('SRP 1 type 8 #0 term 4294967298, 3 octets');
  });

  it('takes the highest term there may be', () => {
    const frame = new FrameWriter(testSrpDigests, terms).frame(8, ordinalMax, fromHex('aabbcc'));
    expect(readAll(frame)).toMatchObject({ fault: undefined, frames: [{ term: ordinalMax }] });
  });

  it('says that its body is compressed', () => {
    const frame = new FrameWriter(testSrpDigests, terms).frame(8, 0, new Uint8Array(2), true);
    expect(readAll(frame).frames[0]!.compressed).toBe(true);
  });

  it('of the greatest length passes, and a longer one is not made', () => {
    const writer = new FrameWriter(testSrpDigests, terms);
    expect(writer.maxBodyOctets).toBe(terms.maxFrameOctets - frameOverheadOctets);
    expect(readAll(writer.frame(8, 0, new Uint8Array(writer.maxBodyOctets))).frames).toHaveLength(1);
    expect(() => writer.frame(8, 0, new Uint8Array(writer.maxBodyOctets + 1))).toThrow(/SRP body/);
  });
});

describe('reading frames', () => {
  it('gives the same frames however TCP cuts them', () => {
    const octets = joined(frames(6));
    const whole = readAll(octets);
    expect(whole.frames.map(({ sequence }) => sequence)).toEqual([0, 1, 2, 3, 4, 5]);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 120 }), { minLength: 1 }), (sizes) => {
        const chunks: Uint8Array[] = [];
        for (let at = 0, turn = 0; at < octets.length; turn += 1) {
          const size = sizes[turn % sizes.length]!;
          chunks.push(octets.subarray(at, at + size));
          at += size;
        }
        expect(read(new FrameReader(testSrpDigests, terms), chunks)).toEqual(whole);
      }),
      { numRuns: 50 },
    );
  });

  it('finds every changed octet, whichever it is', () => {
    const octets = joined(frames(2).slice(1));
    const first = frames(1)[0]!;
    for (let at = 0; at < octets.length; at += 1) {
      const changed = octets.slice();
      changed[at]! ^= 1 << (at % 8);
      const result = readAll(joined([first, changed]));
      expect(result.frames).toHaveLength(1);
      // A changed length may ask for octets that have not come yet; the tag is wrong once they have.
      if (at < 8 || at >= 12) expect(result.fault).toBeDefined();
    }
  });

  it('delivers nothing of an incomplete frame', () => {
    const frame = frames(2)[1]!;
    for (let length = 0; length < frame.length; length += 1) {
      expect(readAll(frame.subarray(0, length))).toEqual({ frames: [], fault: undefined });
    }
  });

  const [one, two, three] = frames(3) as [Uint8Array, Uint8Array, Uint8Array];
  const otherVersion = new FrameWriter(testSrpDigests, { ...terms, version: 2 }).frame(8, 7, new Uint8Array(0));
  const otherKey = new FrameWriter(testSrpDigests, { ...terms, key: utf8Encode('another key') });
  const tooLong = new FrameWriter(testSrpDigests, { ...terms, maxFrameOctets: 500 }).frame(8, 7, new Uint8Array(400));
  const retagged = (at: number, value: number): Uint8Array => {
    const frame = one.slice();
    frame[at] = value;
    frame.set(testSrpDigests.hmacSha256(key, frame.subarray(0, -16)).subarray(0, 16), frame.length - 16);
    return frame;
  };

  it.each<[string, readonly Uint8Array[], number, FrameFault]>([
    ['a frame again', [one, two, two], 2, 'bad-sequence'],
    ['a frame left out', [one, three], 1, 'bad-sequence'],
    ['frames in another order', [one, three, two], 1, 'bad-sequence'],
    ['the frame of another key', [otherKey.frame(8, 7, new Uint8Array(0))], 0, 'bad-tag'],
    ['another version', [otherVersion], 0, 'bad-version'],
    ['a frame longer than allowed, at its header', [tooLong.subarray(0, 12)], 0, 'bad-length'],
    ['the greatest length there is', [retagged(8, 0xff)], 0, 'bad-length'],
    ['something else altogether', [utf8Encode('GET / HTTP/1.1\r\n')], 0, 'bad-magic'],
    ['flags of the future', [retagged(7, 0x80)], 0, 'bad-header'],
    ['a term above 2^52', [retagged(20, 0x80)], 0, 'bad-header'],
    ['a sequence above 2^53', [retagged(12, 0x80)], 0, 'bad-sequence'],
  ])('refuses %s', (_, parts, delivered, fault) => {
    const whole = readAll(joined(parts));
    expect(whole.fault).toBe(fault);
    expect(whole.frames).toHaveLength(delivered);
    const single = read(
      new FrameReader(testSrpDigests, terms),
      [...joined(parts)].map((octet) => Uint8Array.of(octet)),
    );
    expect(single.fault).toBe(fault);
    expect(single.frames).toHaveLength(delivered);
  });

  it('takes nothing after a fault', () => {
    const reader = new FrameReader(testSrpDigests, terms);
    expect(read(reader, [otherVersion]).fault).toBe('bad-version');
    expect(read(reader, [one])).toEqual({ frames: [], fault: 'bad-version' });
    expect(reader.fault).toBe('bad-version');
  });

  it('keeps no more than a header of what claims to be longer than allowed', () => {
    const reader = new FrameReader(testSrpDigests, terms);
    read(reader, [tooLong.subarray(0, 5), tooLong.subarray(5)]);
    expect(reader.keptOctets).toBeLessThanOrEqual(frameHeaderOctets);
    expect(reader.fault).toBe('bad-length');
  });

  it('changes its terms between two frames of one chunk', () => {
    const later: FrameTerms = { version: 2, key: utf8Encode('session key'), maxFrameOctets: 1000 };
    const writer = new FrameWriter(testSrpDigests, terms);
    const parts = [writer.frame(1, 0, new Uint8Array(3))];
    writer.use(later);
    parts.push(writer.frame(4, 5, new Uint8Array(900)));
    const reader = new FrameReader(testSrpDigests, terms);
    const seen: number[] = [];
    const fault = reader.feed<never>(joined(parts), ({ type, sequence }) => {
      seen.push(type, sequence);
      reader.use(later);
      return undefined;
    });
    expect([fault, seen]).toEqual([undefined, [1, 0, 4, 1]]);
  });

  it('stops where a frame is refused', () => {
    const reader = new FrameReader(testSrpDigests, terms);
    const seen: number[] = [];
    const refusal = reader.feed(joined([one, two, three]), ({ sequence }) => {
      seen.push(sequence);
      return sequence === 1 ? 'enough' : undefined;
    });
    expect([refusal, seen]).toEqual(['enough', [0, 1]]);
  });
});
