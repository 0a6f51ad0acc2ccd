import { type Decoded, decoded } from '../bytes/decoded.ts';
import { type ValueCodec, type WireType, wireTypes } from './codec.ts';
import { FieldSink } from './sink.ts';
import { FieldSource } from './source.ts';

/** How a field of a record is written with its key in front, and read into what was read of it before. */
export interface FieldCodec<T> {
  readonly wireType: WireType;
  /** The value of the field where the payload has none; undefined with `mandatory` set: then the payload is refused. */
  readonly initial: unknown;
  readonly mandatory: boolean;
  writeField(sink: FieldSink, key: number, value: T): void;
  /** Reads one occurrence, of which `before` came already (`initial` at first). */
  readField(source: FieldSource, before: T): T;
}

export interface Field<T> {
  readonly tag: number;
  readonly codec: FieldCodec<T>;
}

export type RecordFields = Readonly<Record<string, Field<unknown>>>;
/** The value type of a table of fields. */
export type FieldValues<F> = { readonly [Name in keyof F]: F[Name] extends Field<infer T> ? T : never };

/** A decoded record, and how many fields of it (nested ones included) this table does not know. */
export interface DecodedRecord<T> {
  readonly value: T;
  readonly unknownFields: number;
}

/** Writes a field and returns the octets of its content, its length not counted. */
function writeKeyed<T>(sink: FieldSink, key: number, codec: ValueCodec<T>, value: T): number {
  sink.varint(key);
  const at = codec.wireType === wireTypes.delimited ? sink.begin() : sink.length;
  codec.write(sink, value);
  return codec.wireType === wireTypes.delimited ? sink.end(at) : sink.length - at;
}

function readKeyed<T>(source: FieldSource, codec: ValueCodec<T>): T {
  if (codec.wireType !== wireTypes.delimited) return codec.read(source);
  const outer = source.enter();
  const value = codec.read(source);
  source.leave(outer);
  return value;
}

function single<T>(codec: ValueCodec<T>, absent: T | undefined): FieldCodec<T> {
  // The codec's own absent value, where delimited, is the one whose content is empty.
  const emptyIsAbsent = absent === codec.absent && absent !== undefined && codec.wireType === wireTypes.delimited;
  return {
    wireType: codec.wireType,
    initial: absent,
    mandatory: absent === undefined,
    writeField: (sink, key, value) => {
      if (Object.is(value, absent)) return;
      const start = sink.length;
      const content = writeKeyed(sink, key, codec, value);
      if (emptyIsAbsent && content === 0) sink.truncate(start);
    },
    readField: (source) => readKeyed(source, codec),
  };
}

/** A value or undefined; a value is always written, also one that an ordinary field would leave out. */
export function optional<T>(codec: ValueCodec<T>): FieldCodec<T | undefined> {
  return {
    wireType: codec.wireType,
    initial: undefined,
    mandatory: false,
    writeField: (sink, key, value) => {
      if (value !== undefined) writeKeyed(sink, key, codec, value);
    },
    readField: (source) => readKeyed(source, codec),
  };
}

/** Any number of values in order: the field is repeated. */
export function list<T>(codec: ValueCodec<T>): FieldCodec<readonly T[]> {
  const initial: readonly T[] = [];
  return {
    wireType: codec.wireType,
    initial,
    mandatory: false,
    writeField: (sink, key, values) => {
      for (const value of values) writeKeyed(sink, key, codec, value);
    },
    readField: (source, before) => {
      const values = before === initial ? [] : (before as T[]);
      values.push(readKeyed(source, codec));
      return values;
    },
  };
}

const tagMax = 2047;

/**
 * A field of a record. Tags are given once and never reused; 1..31 cost one octet.
 *
 * @param codec a value codec, `optional(codec)` or `list(codec)`
 * @param absent the value of the field where it is absent, for a value codec; by default the codec's own. A field with
 *   neither (an enumeration, a union) is mandatory: a payload without it is refused.
 */
export function field<T>(tag: number, codec: ValueCodec<T> | FieldCodec<T>, absent?: T): Field<T> {
  if (!Number.isInteger(tag) || tag < 1 || tag > tagMax) throw new Error(`tag ${tag} is not in 1..${tagMax}`);
  if ('writeField' in codec) return { tag, codec };
  return { tag, codec: single(codec, absent ?? codec.absent) };
}

interface Row {
  readonly name: string;
  readonly key: number;
  readonly wireType: WireType;
  readonly codec: FieldCodec<unknown>;
}

type Values = Record<string, unknown>;

/**
 * A record as tagged fields: key varint (tag * 4 + wire type), then the value. Written in the order of the table, read
 * in any order; of a repeated single field the last counts. Fields that are not in the table are skipped and counted.
 */
export class RecordCodec<T> implements ValueCodec<T> {
  readonly wireType = wireTypes.delimited;
  readonly absent: T | undefined;
  readonly #rows: readonly Row[];
  readonly #byTag: readonly (Row | undefined)[];
  readonly #mandatory: readonly string[];
  readonly #initial: Values;
  readonly #sink = new FieldSink();

  constructor(fields: RecordFields) {
    this.#rows = Object.entries(fields).map(([name, { tag, codec }]) => {
      return { name, key: tag * 4 + codec.wireType, wireType: codec.wireType, codec };
    });
    const byTag: (Row | undefined)[] = [];
    for (const row of this.#rows) {
      const tag = row.key >>> 2;
      if (byTag[tag] !== undefined) throw new Error(`tag ${tag} is of both ${byTag[tag].name} and ${row.name}`);
      byTag[tag] = row;
    }
    this.#byTag = Array.from(byTag);
    this.#mandatory = this.#rows.filter(({ codec }) => codec.mandatory).map(({ name }) => name);
    this.#initial = Object.fromEntries(this.#rows.map(({ name, codec }) => [name, codec.initial]));
    this.absent = this.#mandatory.length === 0 ? (this.#initial as T) : undefined;
  }

  encode(value: T): Uint8Array {
    this.#sink.truncate(0);
    this.write(this.#sink, value);
    return this.#sink.finish();
  }

  /**
   * Fails with `truncated` (also where a mandatory field is missing), `bad-length`, `bad-value`, or `unsupported` for
   * an enumerator or variant that this table does not know.
   */
  decode(bytes: Uint8Array): Decoded<DecodedRecord<T>> {
    const source = new FieldSource(bytes);
    const value = this.read(source);
    return source.failure ?? decoded({ value, unknownFields: source.unknownFields });
  }

  write(sink: FieldSink, value: T): void {
    const values = value as Values;
    for (const row of this.#rows) row.codec.writeField(sink, row.key, values[row.name]);
  }

  read(source: FieldSource): T {
    return this.readInto(source, { ...this.#initial });
  }

  /** Reads the fields into `values`, which has the initial ones: see `initialWith`. */
  readInto(source: FieldSource, values: Values): T {
    while (source.more) {
      const key = source.varint();
      const row = this.#byTag[key >>> 2];
      if (row === undefined || key > 0xffffffff) skipField(source, key);
      else if (row.key !== key) source.fail('bad-value');
      else values[row.name] = row.codec.readField(source, values[row.name]);
    }
    for (const name of this.#mandatory) if (values[name] === undefined) source.fail('truncated');
    return values as T;
  }

  /** The values of absent fields behind those given: a discriminator comes first when people read it. */
  initialWith(first: Readonly<Values>): Readonly<Values> {
    return { ...first, ...this.#initial };
  }
}

function skipField(source: FieldSource, key: number): void {
  const wireType = key % 4;
  if (key < 4 || wireType > wireTypes.delimited) return source.fail('bad-value');
  source.unknownFields += 1;
  if (wireType === wireTypes.varint) source.varint();
  else source.skip(wireType === wireTypes.octets8 ? 8 : source.varint());
}

/** Makes a record of its table of fields; the value type follows from the table. */
export function recordOf<const F extends RecordFields>(fields: F): RecordCodec<FieldValues<F>> {
  return new RecordCodec(fields);
}
