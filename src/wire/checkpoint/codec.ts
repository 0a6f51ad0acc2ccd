import type { IpAddress, MacAddress } from '../../kernel/address.ts';
import { ipv4At, ipv6At, setIpv6 } from '../bytes/address.ts';
import { u48At } from '../bytes/reader.ts';
import type { FieldSink } from './sink.ts';
import type { FieldSource } from './source.ts';

/** How the length of a value is known to someone who does not know its tag: what a skipped field needs. */
export const wireTypes = { varint: 0, octets8: 1, delimited: 2 } as const;
export type WireType = (typeof wireTypes)[keyof typeof wireTypes];

/**
 * How one value becomes octets. A delimited codec writes and reads its content only: the length in front is the
 * field's. Codecs call `source.fail` for what cannot be a value, and return anything then.
 */
export interface ValueCodec<T> {
  readonly wireType: WireType;
  /** The value that an absent field has; undefined if there is none, which makes a field of this codec mandatory. */
  readonly absent: T | undefined;
  write(sink: FieldSink, value: T): void;
  read(source: FieldSource): T;
  /** Fails where `read` would, and makes nothing; without it `read` makes next to nothing itself. */
  readonly check?: (source: FieldSource) => void;
}

/** The value type of a codec. */
export type ValueOf<C> = C extends { read(source: FieldSource): infer T } ? T : never;

/** A non-negative safe integer (0..2^53-1): counters, identifiers, milliseconds. Small ones are short. */
export const uint: ValueCodec<number> = {
  wireType: wireTypes.varint,
  absent: 0,
  write: (sink, value) => sink.varint(value),
  read: (source) => source.varint(),
};

/** A count that only grows (0..2^53-1), and stays there once it has come so far. */
export const tally: ValueCodec<number> = {
  ...uint,
  write: (sink, value) => sink.varint(Math.min(value, Number.MAX_SAFE_INTEGER)),
};

/** The highest ordinal that is read: far from where counting on leaves the safe integers. */
export const ordinalMax = 2 ** 52;

/** A place in what both sides count on from where the other is (0..2^52): a higher one is nonsense, and refused. */
export const ordinal: ValueCodec<number> = {
  wireType: wireTypes.varint,
  absent: 0,
  write: (sink, value) => sink.varint(value),
  read: (source) => {
    const value = source.varint();
    if (value > ordinalMax) source.fail('bad-value');
    return value;
  },
};

/** An integer of 32 bits; a longer one is refused. */
export const u32: ValueCodec<number> = {
  wireType: wireTypes.varint,
  absent: 0,
  write: (sink, value) => sink.varint(value),
  read: (source) => {
    const value = source.varint();
    if (value > 0xffffffff) source.fail('bad-value');
    return value;
  },
};

/** What may be negative or a fraction, as IEEE 754 binary64; an infinite one, and what is no number, is refused. */
export const double: ValueCodec<number> = {
  wireType: wireTypes.octets8,
  absent: 0,
  write: (sink, value) => sink.double(value),
  read: (source) => {
    const value = source.double();
    if (!Number.isFinite(value)) source.fail('bad-value');
    return value;
  },
};

export const bool: ValueCodec<boolean> = {
  wireType: wireTypes.varint,
  absent: false,
  write: (sink, value) => sink.varint(value ? 1 : 0),
  read: (source) => {
    const value = source.varint();
    if (value > 1) source.fail('bad-value');
    return value === 1;
  },
};

/** Unicode text as UTF-8. A lone surrogate does not survive: it comes back as U+FFFD. */
export const text: ValueCodec<string> = {
  wireType: wireTypes.delimited,
  absent: '',
  write: (sink, value) => sink.text(value),
  read: (source) => source.text(),
  check: (source) => source.skip(source.remaining),
};

/** Octets; decoding copies them. */
export const bytes: ValueCodec<Uint8Array> = {
  wireType: wireTypes.delimited,
  absent: new Uint8Array(0),
  write: (sink, value) => sink.raw(value),
  read: (source) => source.rest(),
  check: (source) => source.skip(source.remaining),
};

/** Octets; decoding gives a view of what is decoded, and is valid as long as that. */
export const bytesView: ValueCodec<Uint8Array> = { ...bytes, read: (source) => source.restView() };

const ipv6Octets = new Uint8Array(16);

/** An IPv4 address (4 octets) or an IPv6 address (16). Absent is 0.0.0.0. */
export const ipAddress: ValueCodec<IpAddress> = {
  wireType: wireTypes.delimited,
  absent: 0 as IpAddress,
  write: (sink, value) => {
    if (typeof value === 'number') {
      sink.u32(value);
    } else {
      setIpv6(ipv6Octets, 0, value);
      sink.raw(ipv6Octets);
    }
  },
  read: (source) => {
    const at = source.position;
    if (source.remaining === 4) {
      source.skip(4);
      return ipv4At(source.bytes, at);
    }
    if (source.remaining === 16) {
      source.skip(16);
      return ipv6At(source.bytes, at);
    }
    source.fail('bad-length');
    return 0 as IpAddress;
  },
};

/** A MAC address, 6 octets. Absent is 00:00:00:00:00:00. */
export const mac: ValueCodec<MacAddress> = {
  wireType: wireTypes.delimited,
  absent: 0 as MacAddress,
  write: (sink, value) => sink.u48(value),
  read: (source) => {
    if (source.remaining !== 6) {
      source.fail('bad-length');
      return 0 as MacAddress;
    }
    const at = source.position;
    source.skip(6);
    return u48At(source.bytes, at) as MacAddress;
  },
};

/**
 * A name, by a fixed table of numbers: numbers are given once and never reused, whatever the order of the names.
 *
 * @param unknown the name that stands for a number that a newer sender knows and this table does not; without it such a
 *   number fails with `unsupported`
 */
export function enumOf<const T extends Readonly<Record<string, number>>>(
  table: T,
  unknown?: keyof T & string,
): ValueCodec<keyof T & string> {
  type Name = keyof T & string;
  const names = new Map<number, Name>(Object.entries(table).map(([name, number]) => [number, name]));
  if (names.size !== Object.keys(table).length) throw new Error('two names have one number');
  return {
    wireType: wireTypes.varint,
    absent: undefined,
    write: (sink, value) => sink.varint(table[value]!),
    read: (source) => {
      const name = names.get(source.varint()) ?? unknown;
      if (name === undefined) source.fail('unsupported');
      return name as Name;
    },
  };
}
