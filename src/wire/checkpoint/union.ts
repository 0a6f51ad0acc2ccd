import { type ValueCodec, wireTypes } from './codec.ts';
import { compileUnion } from './compile.ts';
import type { RecordCodec } from './record.ts';
import type { FieldSource } from './source.ts';

export interface Variant<T> {
  readonly number: number;
  readonly record: RecordCodec<T>;
}

export type Variants = Readonly<Record<string, Variant<unknown>>>;
/** The value type of a union: each variant's record with its name as discriminator. */
export type UnionValue<D extends string, V> = {
  [Name in keyof V]: V[Name] extends Variant<infer T> ? { readonly [Key in D]: Name } & T : never;
}[keyof V];

/** A variant of a union under its number, given once and never reused. */
export function variant<T>(number: number, record: RecordCodec<T>): Variant<T> {
  return { number, record };
}

/**
 * A discriminated union: the number of the variant as a varint, then its record. A number that the table does not know
 * fails with `unsupported`. The records do not hold the discriminator themselves.
 */
export function unionOf<const D extends string, const V extends Variants>(
  discriminator: D,
  variants: V,
): ValueCodec<UnionValue<D, V>> {
  const compiled = Object.entries(variants).map(([name, { number, record }]) => {
    const check = (source: FieldSource) => record.check(source);
    return { name, number, write: record.write, read: record.readerWith({ [discriminator]: name }), check };
  });
  if (new Set(compiled.map(({ number }) => number)).size !== compiled.length) {
    throw new Error('two variants have one number');
  }
  return {
    wireType: wireTypes.delimited,
    absent: undefined,
    ...compileUnion<UnionValue<D, V>>(discriminator, compiled),
    check: (source: FieldSource) => {
      const number = source.varint();
      const found = compiled.find((each) => each.number === number);
      if (found === undefined) source.fail('unsupported');
      else found.check(source);
    },
  };
}
