import { type Instant, never } from '../../../kernel/instant.ts';
import type { Decoded } from '../../../wire/bytes/decoded.ts';
import { type ValueCodec, wireTypes } from '../../../wire/checkpoint/codec.ts';
import type { Payload, PayloadCodec, PayloadHeader } from '../../../wire/checkpoint/payload.ts';

/**
 * What `now` is where deadlines are being written or read. Each chassis has a clock of its own, and codecs are tables
 * that know none: the two functions below, the only ways to use them here, set it for the one call they make.
 */
const clock = { now: 0 as Instant };

const neverCode = 0;
const longAgoCode = 1;
/** Codes from here on are times: remaining milliseconds, folded so that those gone by are not negative. */
const firstTimeCode = 2;
/** Times are within 17,000 years: a number beyond is none of ours. */
const codeMax = 2 ** 50;

/** A moment as whole milliseconds from now, which may have gone by. `never` and its opposite stay what they are. */
export const instant: ValueCodec<Instant> = {
  wireType: wireTypes.varint,
  absent: never,
  write: (sink, value) => {
    if (value === never) return sink.varint(neverCode);
    if (value === Number.NEGATIVE_INFINITY) return sink.varint(longAgoCode);
    const remaining = Math.round(value - clock.now);
    sink.varint(firstTimeCode + (remaining < 0 ? -2 * remaining - 1 : 2 * remaining));
  },
  read: (source) => {
    const code = source.varint();
    if (code === neverCode) return never;
    if (code === longAgoCode) return Number.NEGATIVE_INFINITY;
    if (code > codeMax) source.fail('bad-value');
    const folded = code - firstTimeCode;
    return clock.now + (folded % 2 === 0 ? folded / 2 : -(folded + 1) / 2);
  },
};

/** Encodes a payload whose deadlines are Instants of the clock that shows `now`. */
export function encodeAt<T>(
  now: Instant,
  codec: PayloadCodec<T>,
  value: T,
  { baseRevision, revision }: Pick<PayloadHeader, 'baseRevision' | 'revision'>,
): Uint8Array {
  clock.now = now;
  return codec.encode(value, baseRevision, revision);
}

/** Decodes a payload; its deadlines become Instants of the clock that shows `now`. */
export function decodeAt<T>(now: Instant, codec: PayloadCodec<T>, bytes: Uint8Array): Decoded<Payload<T>> {
  clock.now = now;
  return codec.decode(bytes);
}
