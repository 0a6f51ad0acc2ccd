import type { Decoded } from '../../src/wire/bytes/decoded.ts';
import { fromHex, toHex } from '../../src/wire/bytes/text.ts';
import type { Vector } from '../../src/wire/bytes/vector.ts';

/** Above this many octets a mutation tries bit flips and edge values only, so that a large vector stays cheap. */
const exhaustiveUpTo = 200;

/** Octets placed around a message: a decoder that reads outside its view sees them and its result changes. */
const surroundings = [0x00, 0xff];

/**
 * Checks that a decoder withstands bad input: every prefix of every vector and every mutation of every single octet
 * either decodes or fails within the message, never throws and never depends on octets outside the view it was given.
 * What decodes is encoded (and described) again, which must not throw either. Vectors themselves must decode.
 *
 * @param encode any function of a decoded value that must not throw; usually the encoder
 * @throws Error naming the vector, the change and the octets
 */
export function assertRobust<T>(
  decode: (bytes: Uint8Array) => Decoded<T>,
  vectors: readonly Vector[],
  encode?: (value: T) => unknown,
): void {
  if (vectors.length === 0) throw new Error('no vectors: nothing was checked');
  for (const vector of vectors) {
    const whole = fromHex(vector.hex);
    if (!attempt(decode, encode, whole, vector.name).ok) throw new Error(`${vector.name}: does not decode`);
    for (let length = 0; length < whole.length; length += 1) {
      attempt(decode, encode, whole.subarray(0, length), `${vector.name}, first ${length} octets`);
    }
    for (let at = 0; at < whole.length; at += 1) {
      const original = whole[at]!;
      for (const value of replacements(original, whole.length)) {
        whole[at] = value;
        attempt(decode, encode, whole, `${vector.name}, octet ${at} = 0x${value.toString(16)}`);
      }
      whole[at] = original;
    }
  }
}

function replacements(original: number, messageLength: number): number[] {
  const all = Array.from({ length: 256 }, (_, value) => value).filter((value) => value !== original);
  if (messageLength <= exhaustiveUpTo) return all;
  const flips = Array.from({ length: 8 }, (_, bit) => original ^ (1 << bit));
  const edges = [0x00, 0x7f, 0x80, 0xff, (original + 1) & 255, (original - 1) & 255];
  return [...new Set([...flips, ...edges])].filter((value) => value !== original);
}

function attempt<T>(
  decode: (bytes: Uint8Array) => Decoded<T>,
  encode: ((value: T) => unknown) | undefined,
  message: Uint8Array,
  what: string,
): Decoded<T> {
  let outcome: string | undefined;
  let result: Decoded<T> | undefined;
  try {
    for (const filler of surroundings) {
      const buffer = new Uint8Array(message.length + 64).fill(filler);
      buffer.set(message, 32);
      result = decode(buffer.subarray(32, 32 + message.length));
      if (!result.ok && !(result.offset >= 0 && result.offset <= message.length)) {
        throw new Error(`failure offset ${result.offset} is outside the message`);
      }
      const summary = result.ok ? 'decoded' : `${result.reason} at ${result.offset}`;
      if (outcome !== undefined && outcome !== summary) {
        throw new Error(`the result depends on octets outside the message: ${outcome}, then ${summary}`);
      }
      outcome = summary;
      if (result.ok) encode?.(result.value);
    }
  } catch (error) {
    throw new Error(`${what}: ${error instanceof Error ? error.message : error} [${toHex(message)}]`, { cause: error });
  }
  return result!;
}
