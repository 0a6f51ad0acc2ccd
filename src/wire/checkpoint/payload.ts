import { type Decoded, decoded, failed } from '../bytes/decoded.ts';
import { u32At } from '../bytes/reader.ts';
import type { RecordCodec } from './record.ts';
import { FieldSink } from './sink.ts';
import { FieldSource } from './source.ts';

/** What stands before the fields of every checkpoint's payload. */
export interface PayloadHeader {
  /** The sender's version of the table, 1..255: for people, because tags alone decide what is read. */
  readonly schemaVersion: number;
  /** The revision of the full checkpoint on which a micro-checkpoint builds; its own in a full checkpoint. */
  readonly baseRevision: number;
  /** Rises with every change of the object: up to 2^31, after 68 years of one each second. */
  readonly revision: number;
}

export interface Payload<T> extends PayloadHeader {
  readonly value: T;
  /** Fields of a newer sender, which were skipped. */
  readonly unknownFields: number;
}

/** Writes and reads the payloads of one checkpoint. */
export interface PayloadCodec<T> {
  readonly schemaVersion: number;
  /** See `FieldSink.finishShared` for what may be done with the result. */
  encode(value: T, baseRevision: number, revision: number): Uint8Array;
  /** Fails as `RecordCodec.decode` does, with `bad-version` for version 0, and with `bad-value` for a revision too high. */
  decode(bytes: Uint8Array): Decoded<Payload<T>>;
}

/** Schema version (1), base revision (4) and revision (4). */
export const payloadHeaderOctets = 9;

/**
 * The highest revision that is read: whoever takes a session over counts on from there, and is far from the end of the 32
 * bits, which would cost the pair its connection instead of one session its record.
 */
const revisionMax = 2 ** 31;

/** Reads what stands before the fields; for the framework, to which the fields are opaque. */
export function decodePayloadHeader(bytes: Uint8Array): Decoded<PayloadHeader> {
  if (bytes.length < payloadHeaderOctets) return failed('truncated', bytes.length);
  const schemaVersion = bytes[0]!;
  if (schemaVersion === 0) return failed('bad-version', 0);
  const baseRevision = u32At(bytes, 1);
  const revision = u32At(bytes, 5);
  if (baseRevision > revisionMax || revision > revisionMax) return failed('bad-value', 1);
  return decoded({ schemaVersion, baseRevision, revision });
}

/** The payload of a checkpoint: schema version u8, base revision u32, revision u32, then the record's fields. */
export function payloadOf<T>(schemaVersion: number, record: RecordCodec<T>): PayloadCodec<T> {
  if (!Number.isInteger(schemaVersion) || schemaVersion < 1 || schemaVersion > 255) {
    throw new Error(`schema version ${schemaVersion} is not in 1..255`);
  }
  const sink = new FieldSink();
  return {
    schemaVersion,
    encode: (value, baseRevision, revision) => {
      sink.restart();
      sink.u8(schemaVersion);
      sink.u32(baseRevision);
      sink.u32(revision);
      record.write(sink, value);
      return sink.finishShared();
    },
    decode: (bytes) => {
      const header = decodePayloadHeader(bytes);
      if (!header.ok) return header;
      const source = new FieldSource(bytes, payloadHeaderOctets);
      const value = record.read(source);
      if (source.failure !== undefined) return source.failure;
      const { schemaVersion: version, baseRevision, revision } = header.value;
      return decoded({ schemaVersion: version, baseRevision, revision, value, unknownFields: source.unknownFields });
    },
  };
}
