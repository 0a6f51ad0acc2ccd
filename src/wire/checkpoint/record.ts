import { type Decoded, decoded } from '../bytes/decoded.ts';
import { type ValueCodec, wireTypes } from './codec.ts';
import { type CompiledField, compileReader, compileWriter } from './compile.ts';
import { FieldSink } from './sink.ts';
import { FieldSource } from './source.ts';

/** How often a value stands in a record, and what stands for none. */
export interface FieldCodec<T> {
  readonly shape: 'single' | 'optional' | 'list';
  readonly codec: ValueCodec<unknown>;
  /** The value of the field where the payload has none; undefined for a single field: then the payload is refused. */
  readonly absent: T | undefined;
}

export interface Field<T> {
  readonly tag: number;
  readonly codec: FieldCodec<T>;
}

export type RecordFields = Readonly<Record<string, Field<unknown>>>;
/** The value type of a table of fields. */
export type FieldValues<F> = { readonly [Name in keyof F]: F[Name] extends Field<infer T> ? T : never };

/** Names of fields, and of fields of the records that these are. */
export type Selection<T> = { readonly [Name in keyof T]?: true | Selection<T[Name]> };
/** What is left of a value when only the selected fields are read. */
export type Selected<T, S> = {
  readonly [Name in keyof T & keyof S]: S[Name] extends true ? T[Name] : Selected<T[Name], S[Name]>;
};

/** A decoded record, and how many fields of it (nested ones included) this table does not know. */
export interface DecodedRecord<T> {
  readonly value: T;
  readonly unknownFields: number;
}

/** A value or undefined; a value is always written, also one that an ordinary field would leave out. */
export function optional<T>(codec: ValueCodec<T>): FieldCodec<T | undefined> {
  return { shape: 'optional', codec, absent: undefined };
}

/** Any number of values in order: the field is repeated. */
export function list<T>(codec: ValueCodec<T>): FieldCodec<readonly T[]> {
  return { shape: 'list', codec, absent: [] };
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
  if ('shape' in codec) return { tag, codec };
  return { tag, codec: { shape: 'single', codec, absent: absent ?? codec.absent } };
}

function compiledField(name: string, { tag, codec: { shape, codec, absent } }: Field<unknown>): CompiledField {
  const isSingle = shape === 'single';
  const isDelimited = codec.wireType === wireTypes.delimited;
  return {
    name,
    key: tag * 4 + codec.wireType,
    shape,
    codec,
    absent,
    mandatory: isSingle && absent === undefined,
    // The codec's own absent value, where delimited, is the one whose content is empty.
    emptyIsAbsent: isSingle && isDelimited && absent !== undefined && absent === codec.absent,
  };
}

/**
 * A record as tagged fields: key varint (tag * 4 + wire type), then the value. Written in the order of the table, read
 * in any order; of a repeated single field the last counts. Fields that are not in the table are skipped and counted.
 */
export class RecordCodec<T> implements ValueCodec<T> {
  readonly wireType = wireTypes.delimited;
  readonly absent: T | undefined;
  readonly write: ValueCodec<T>['write'];
  readonly read: ValueCodec<T>['read'];
  readonly #table: RecordFields;
  readonly #fields: readonly CompiledField[];
  readonly #unkept: readonly CompiledField[];
  readonly #sink = new FieldSink();
  #check: ((source: FieldSource) => unknown) | undefined;

  /** @param unkept fields that are looked at like the others, and are not in the value */
  constructor(fields: RecordFields, unkept: RecordFields = {}) {
    this.#table = fields;
    this.#fields = Object.entries(fields).map(([name, each]) => compiledField(name, each));
    this.#unkept = Object.entries(unkept).map(([name, each]) => compiledField(name, each));
    const byTag = new Map<number, string>();
    for (const { name, key } of [...this.#fields, ...this.#unkept]) {
      const tag = key >>> 2;
      if (byTag.has(tag)) throw new Error(`tag ${tag} is of both ${byTag.get(tag)} and ${name}`);
      byTag.set(tag, name);
    }
    this.write = compileWriter(this.#fields);
    this.read = this.readerWith({});
    const isOptional = [...this.#fields, ...this.#unkept].every(({ mandatory }) => !mandatory);
    this.absent = isOptional ? this.read(new FieldSource(new Uint8Array(0))) : undefined;
  }

  encode(value: T): Uint8Array {
    this.#sink.restart();
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

  /** Reads as `read` does, with these names and values in front: a discriminator comes first when people read it. */
  readerWith<const First extends Readonly<Record<string, string>>>(first: First): (source: FieldSource) => First & T {
    return compileReader(this.#fields, this.#unkept, first) as (source: FieldSource) => First & T;
  }

  /** As `ValueCodec` says; made when first needed, because most tables are never only checked. */
  get check(): (source: FieldSource) => unknown {
    this.#check ??= new RecordCodec({}, this.#table).read;
    return this.#check;
  }

  /**
   * This record with the selected fields only. What is read is looked at whole, and refused where this one refuses it: who needs
   * little of a million records need not make all of them.
   */
  only<const S extends Selection<T>>(selection: S): RecordCodec<Selected<T, S>> {
    const kept: Record<string, Field<unknown>> = {};
    const unkept: Record<string, Field<unknown>> = {};
    for (const [name, each] of Object.entries(this.#table)) {
      const wanted = (selection as Readonly<Record<string, true | Selection<unknown> | undefined>>)[name];
      if (wanted === undefined) unkept[name] = each;
      else kept[name] = wanted === true ? each : partOf(each, wanted);
    }
    return new RecordCodec(kept, unkept);
  }
}

function partOf({ tag, codec: { codec, ...rest } }: Field<unknown>, selection: Selection<unknown>): Field<unknown> {
  if (!(codec instanceof RecordCodec) || rest.shape !== 'single')
    throw new Error('a part is of a record that is there');
  const part = codec.only(selection);
  return { tag, codec: { ...rest, codec: part, absent: part.absent } };
}

/** Makes a record of its table of fields; the value type follows from the table. */
export function recordOf<const F extends RecordFields>(fields: F): RecordCodec<FieldValues<F>> {
  return new RecordCodec(fields);
}
