/**
 * TLV families (DHCP options, RADIUS attributes, mobility options) as typed tables.
 *
 * A message keeps its entries as they came, in order, unknown ones included, so that encoding a decoded message gives
 * the same octets. Typed access goes through one `TlvCodec` per entry: its number, name, value codec, occurrence rule
 * and citation stand together in the family's table.
 */
export interface Tlv {
  readonly type: number;
  readonly data: Uint8Array;
}

export interface TlvCodec<T> {
  readonly type: number;
  /** The standard's name of the entry. */
  readonly name: string;
  /** How many a message may hold. */
  readonly occurrence: 'one' | 'many';
  /** Where the entry is defined, such as `RFC 2132 9.6`. */
  readonly citation: string;
  /** The value, or undefined if the data cannot be one. */
  decode(data: Uint8Array): T | undefined;
  encode(value: T): Uint8Array;
  /** One line for people. */
  describe(value: T): string;
}

/** The first value of an entry, or undefined if there is none (or none that can be read). */
export function find<T>(entries: readonly Tlv[], codec: TlvCodec<T>): T | undefined {
  for (const entry of entries) if (entry.type === codec.type) return codec.decode(entry.data);
  return undefined;
}

/** All values of an entry that may occur more than once, in order. */
export function findAll<T>(entries: readonly Tlv[], codec: TlvCodec<T>): T[] {
  const values: T[] = [];
  for (const entry of entries) {
    if (entry.type !== codec.type) continue;
    const value = codec.decode(entry.data);
    if (value !== undefined) values.push(value);
  }
  return values;
}

/** Whether there is an entry of this type, whatever its value. */
export function has(entries: readonly Tlv[], codec: TlvCodec<unknown>): boolean {
  return entries.some((entry) => entry.type === codec.type);
}

/** Makes an entry of a value. */
export function tlv<T>(codec: TlvCodec<T>, value: T): Tlv {
  return { type: codec.type, data: codec.encode(value) };
}

/**
 * The first entry that its table calls malformed or that occurs more often than its rule allows, or undefined.
 * Message decoders call this once, so that later typed access cannot meet a bad value.
 */
export function findMalformed(
  entries: readonly Tlv[],
  table: ReadonlyMap<number, TlvCodec<unknown>>,
): { readonly index: number; readonly why: 'bad-value' | 'repeated' } | undefined {
  for (let index = 0; index < entries.length; index += 1) {
    const entry = entries[index]!;
    const codec = table.get(entry.type);
    if (codec === undefined) continue;
    if (codec.decode(entry.data) === undefined) return { index, why: 'bad-value' };
    if (codec.occurrence === 'one' && isRepeated(entries, index)) return { index, why: 'repeated' };
  }
  return undefined;
}

/** Whether an entry of the same type stands before this one. */
function isRepeated(entries: readonly Tlv[], index: number): boolean {
  const { type } = entries[index]!;
  for (let before = 0; before < index; before += 1) if (entries[before]!.type === type) return true;
  return false;
}

/** Indexes a family's table by number. */
export function tableOf(codecs: readonly TlvCodec<unknown>[]): ReadonlyMap<number, TlvCodec<unknown>> {
  return new Map(codecs.map((codec) => [codec.type, codec]));
}
