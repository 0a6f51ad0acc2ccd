/** Why bytes are not a message. Each is a counter of its own wherever messages are received. */
export type DecodeReason =
  | 'truncated'
  | 'oversized'
  | 'bad-length'
  | 'bad-value'
  | 'bad-version'
  | 'bad-checksum'
  | 'bad-magic'
  | 'unsupported';

export interface DecodeFailure {
  readonly ok: false;
  readonly reason: DecodeReason;
  /** The octet at which decoding failed, counted from the start of the message. */
  readonly offset: number;
}

/** What a decoder returns. Decoders never throw: a flood of malformed packets must cost no more than good ones. */
export type Decoded<T> = { readonly ok: true; readonly value: T } | DecodeFailure;

/** The result of a decoder that could read its octets. */
export function decoded<T>(value: T): Decoded<T> {
  return { ok: true, value };
}

/** The result of a decoder that could not: why, and at which octet. */
export function failed(reason: DecodeReason, offset: number): DecodeFailure {
  return { ok: false, reason, offset };
}
