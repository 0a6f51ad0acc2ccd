import { type IpAddress, isIpv4 } from '../kernel/address.ts';
import { NumberIndex } from '../kernel/number-index.ts';

/**
 * Who has an IPv4 address, by the number of its place. One does as a rule; several may, for LMAs give addresses of networks
 * that know nothing of each other.
 */
export class AddressIndex {
  readonly #first = new NumberIndex();
  /** Those beside the first. */
  readonly #others = new Map<IpAddress, Set<number>>();

  reserve(addresses: number): void {
    this.#first.reserve(addresses);
  }

  /** Does nothing for an IPv6 address. */
  add(address: IpAddress, holder: number): void {
    if (!isIpv4(address)) return;
    const first = this.#first.get(address);
    if (first < 0) this.#first.set(address, holder);
    else if (first !== holder) {
      const others = this.#others.get(address);
      if (others === undefined) this.#others.set(address, new Set([holder]));
      else others.add(holder);
    }
  }

  /** Does nothing for one that does not have it. */
  delete(address: IpAddress, holder: number): void {
    if (!isIpv4(address)) return;
    const others = this.#others.get(address);
    if (this.#first.get(address) !== holder) others?.delete(holder);
    else {
      const [next] = others ?? [];
      if (next === undefined) this.#first.delete(address);
      else {
        this.#first.set(address, next);
        others!.delete(next);
      }
    }
    if (others?.size === 0) this.#others.delete(address);
  }

  /** The numbers of the places that have it; none for an IPv6 address. */
  *holders(address: IpAddress): Generator<number, undefined> {
    const first = isIpv4(address) ? this.#first.get(address) : -1;
    if (first < 0) return;
    yield first;
    yield* this.#others.get(address) ?? [];
  }
}
