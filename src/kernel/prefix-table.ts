import { type IpAddress, type IpPrefix, networkOf } from './address.ts';

/** Values by address prefix: the longest prefix that holds an address decides. */
export class PrefixTable<Value> {
  /** Prefix lengths in use, longest first, each with its networks. */
  readonly #byLength: readonly { readonly length: number; readonly networks: ReadonlyMap<IpAddress, Value> }[];

  /** @param entries of two for the same prefix the later one counts */
  constructor(entries: Iterable<readonly [IpPrefix, Value]>) {
    const byLength = new Map<number, Map<IpAddress, Value>>();
    for (const [{ address, length }, value] of entries) {
      const networks = byLength.get(length) ?? new Map<IpAddress, Value>();
      networks.set(networkOf(address, length), value);
      byLength.set(length, networks);
    }
    this.#byLength = [...byLength]
      .sort(([left], [right]) => right - left)
      .map(([length, networks]) => ({ length, networks }));
  }

  /** The value of the longest prefix that the address is in; undefined if it is in none. */
  of(address: IpAddress): Value | undefined {
    for (const { length, networks } of this.#byLength) {
      const value = networks.get(networkOf(address, length));
      if (value !== undefined) return value;
    }
    return undefined;
  }
}
