import type { ValueCodec } from './codec.ts';
import { wireTypes } from './codec.ts';
import type { FieldSink } from './sink.ts';
import type { FieldSource } from './source.ts';

/**
 * Writes a table of fields, or of variants, out as a program of straight lines, once, when the table is made.
 *
 * A loop over the rows of all tables would do the same, at three times the cost: the engine keeps what it has learnt of
 * codecs and object shapes by the place in the program, and in such a loop every place meets those of every table. Here
 * each table has places of its own, and each decoded object its final shape from the start. For a table of
 * `{ id: field(1, u32), nai: field(2, text), keys: field(3, list(u32)) }` the program is, but for its white space:
 *
 *     write(sink, value) {
 *       let item;
 *       item = value.id;
 *       if (item !== absent0) { sink.u8(4); codec0.write(sink, item); }
 *       item = value.nai;
 *       if (item !== absent1) {
 *         const start = sink.position; const at = sink.beginField(10); codec1.write(sink, item);
 *         if (sink.end(at) === 0) sink.truncate(start);
 *       }
 *       for (item of value.keys) { sink.u8(12); codec2.write(sink, item); }
 *     }
 *     read(source) {
 *       let field0 = absent0, field1 = absent1, field2 = absent2;
 *       while (source.more) {
 *         const key = source.varint();
 *         switch (key) {
 *           case 4: { field0 = codec0.read(source); break; }
 *           case 10: { const outer = source.enter(); field1 = codec1.read(source); source.leave(outer); break; }
 *           case 12: {
 *             const item = codec2.read(source); if (field2 === absent2) field2 = [item]; else field2.push(item); break;
 *           }
 *           default: otherField(source, key);
 *         }
 *       }
 *       return { id: field0, nai: field1, keys: field2 };
 *     }
 *
 * Nothing that comes from outside gets into a program: only names of our own tables, checked to be plain identifiers,
 * and whole numbers. Codecs and values are its arguments.
 */
export interface CompiledField {
  readonly name: string;
  /** Tag and wire type, as written. */
  readonly key: number;
  readonly shape: 'single' | 'optional' | 'list';
  readonly codec: ValueCodec<unknown>;
  /** The value of the field where the payload has none; undefined with `mandatory`: then the payload is refused. */
  readonly absent: unknown;
  readonly mandatory: boolean;
  /** A content without octets is not written: it is the absent value, made anew. */
  readonly emptyIsAbsent: boolean;
}

export interface CompiledUnion<T> {
  write(sink: FieldSink, value: T): void;
  read(source: FieldSource): T;
}

/** One variant of a union: its number on the wire, and how its fields are written and read. */
export interface CompiledVariant {
  readonly name: string;
  readonly number: number;
  readonly write: (sink: FieldSink, value: unknown) => void;
  /** Gives the value with its discriminator. */
  readonly read: (source: FieldSource) => unknown;
}

/** The function that writes the fields of a record in the order of the table. */
export function compileWriter(fields: readonly CompiledField[]): (sink: FieldSink, value: unknown) => void {
  const lines = fields.flatMap((field, index) => writeLines(checked(field), index));
  return program(fields, {}, ['return (sink, value) => {', 'let item;', ...lines, '};']) as ReturnType<
    typeof compileWriter
  >;
}

/**
 * The function that reads the fields of a record, in any order.
 *
 * @param unkept fields that are looked at as all others, and are not in the value
 * @param first names and values in front of the fields of every value read: the discriminator of a union
 */
export function compileReader(
  fields: readonly CompiledField[],
  unkept: readonly CompiledField[],
  first: Readonly<Record<string, string>>,
): (source: FieldSource) => unknown {
  const tags = new Set([...fields, ...unkept].map(({ key }) => key >>> 2));
  const otherField = (source: FieldSource, key: number) => skipField(source, key, tags);
  const checks = Object.fromEntries(unkept.map(({ codec }, index) => [`check${index}`, checkOf(codec)]));
  const discriminators = Object.entries(first).map(([name, value]) => `${identifier(name)}: ${JSON.stringify(value)}`);
  const values = fields.map(({ name }, index) => `${identifier(name)}: field${index}`);
  return program(fields, { otherField, ...checks }, [
    'return (source) => {',
    ...fields.map((_, index) => `let field${index} = absent${index};`),
    ...unkept.map((_, index) => `let isMet${index} = false;`),
    'while (source.more) { const key = source.varint(); switch (key) {',
    ...fields.map(readLine),
    ...unkept.map(checkLine),
    'default: otherField(source, key); } }',
    ...fields.flatMap(({ mandatory }, index) =>
      mandatory ? [`if (field${index} === undefined) source.fail('truncated');`] : [],
    ),
    ...unkept.flatMap(({ mandatory }, index) => (mandatory ? [`if (!isMet${index}) source.fail('truncated');`] : [])),
    `return { ${[...discriminators, ...values].join(', ')} };`,
    '};',
  ]) as ReturnType<typeof compileReader>;
}

/** Both functions of a union: the number of the variant, then its fields; a number that is none's fails. */
export function compileUnion<T>(discriminator: string, variants: readonly CompiledVariant[]): CompiledUnion<T> {
  const cases = (line: (variant: CompiledVariant, index: number) => string) => variants.map(line).join('\n');
  const writes = cases(({ name, number }, index) => {
    return `case ${JSON.stringify(name)}: sink.varint(${integer(number)}); return variant${index}.write(sink, value);`;
  });
  const reads = cases(({ number }, index) => `case ${integer(number)}: return variant${index}.read(source);`);
  const body = `return {
    write: (sink, value) => { switch (value.${identifier(discriminator)}) { ${writes} default: throw new Error('no such variant'); } },
    read: (source) => { switch (source.varint()) { ${reads} default: source.fail('unsupported'); } },
  };`;
  return new Function(...variants.map((_, index) => `variant${index}`), body)(...variants) as CompiledUnion<T>;
}

function program(
  fields: readonly CompiledField[],
  others: Readonly<Record<string, unknown>>,
  lines: string[],
): unknown {
  const names = fields.flatMap((_, index) => [`codec${index}`, `absent${index}`]);
  const values = fields.flatMap(({ codec, absent }) => [codec, absent]);
  const make = new Function(...names, ...Object.keys(others), lines.join('\n'));
  return make(...values, ...Object.values(others));
}

function writeLines({ name, key, shape, codec, emptyIsAbsent }: CompiledField, index: number): string[] {
  const isDelimited = codec.wireType === wireTypes.delimited;
  const content = `codec${index}.write(sink, item);`;
  const end = emptyIsAbsent ? 'if (sink.end(at) === 0) sink.truncate(start);' : 'sink.end(at);';
  const start = emptyIsAbsent ? 'const start = sink.position; ' : '';
  // Nearly all keys are one octet.
  const begin = key < 0x80 ? `sink.beginField(${key})` : `(sink.varint(${key}), sink.begin())`;
  const item = isDelimited
    ? `{ ${start}const at = ${begin}; ${content} ${end} }`
    : `{ sink.${key < 0x80 ? 'u8' : 'varint'}(${key}); ${content} }`;
  if (shape === 'list') return [`for (item of value.${name}) ${item}`];
  // Zero with a sign is a double of its own; to other codecs it is zero.
  const isOther = codec.wireType === wireTypes.octets8 ? `!Object.is(item, absent${index})` : `item !== absent${index}`;
  const isPresent = shape === 'optional' ? 'item !== undefined' : isOther;
  return [`item = value.${name};`, `if (${isPresent}) ${item}`];
}

function readLine({ key, shape, codec }: CompiledField, index: number): string {
  const isDelimited = codec.wireType === wireTypes.delimited;
  const content = `codec${index}.read(source)`;
  const take =
    shape === 'list'
      ? `const item = ${content}; if (field${index} === absent${index}) field${index} = [item]; else field${index}.push(item);`
      : `field${index} = ${content};`;
  if (!isDelimited) return `case ${key}: { ${take} break; }`;
  return `case ${key}: { const outer = source.enter(); ${take} source.leave(outer); break; }`;
}

function checkLine({ key, codec }: CompiledField, index: number): string {
  const isDelimited = codec.wireType === wireTypes.delimited;
  const check = `check${index}(source); isMet${index} = true;`;
  if (!isDelimited) return `case ${key}: { ${check} break; }`;
  return `case ${key}: { const outer = source.enter(); ${check} source.leave(outer); break; }`;
}

function checkOf(codec: ValueCodec<unknown>): (source: FieldSource) => unknown {
  return codec.check ?? codec.read;
}

/** A field that the table does not have is skipped and counted; of one that it has, another wire type is refused. */
function skipField(source: FieldSource, key: number, tags: ReadonlySet<number>): void {
  const wireType = key % 4;
  const isOfTable = key <= 0xffffffff && tags.has(key >>> 2);
  if (isOfTable || key < 4 || wireType > wireTypes.delimited) return source.fail('bad-value');
  source.unknownFields += 1;
  if (wireType === wireTypes.varint) source.varint();
  else source.skip(wireType === wireTypes.octets8 ? 8 : source.varint());
}

function checked(field: CompiledField): CompiledField {
  identifier(field.name);
  integer(field.key);
  return field;
}

/** `__proto__` is none: in an object literal it is no field. */
function identifier(name: string): string {
  if (!/^[A-Za-z][A-Za-z0-9]*$/.test(name)) throw new Error(`${name} is not a plain identifier`);
  return name;
}

function integer(number: number): number {
  if (!Number.isSafeInteger(number) || number < 0) throw new Error(`${number} is not a whole number`);
  return number;
}
