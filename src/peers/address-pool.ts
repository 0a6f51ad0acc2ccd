import { type IpPrefix, type Ipv4Address, ipv4Of, isIpv4, prefixContains } from '../kernel/address.ts';
import type { Instant } from '../kernel/instant.ts';

/** An owner's hold on an address: for as long as it is bound, then until the end of the memory. */
interface Hold {
  readonly owner: string;
  readonly address: Ipv4Address;
  /** undefined while bound. */
  until: Instant | undefined;
}

/**
 * The addresses of one IPv4 prefix, leased to owners. An owner has at most one address, an address at most one owner. The
 * first host is the router. An address given back is remembered for its owner for a while, and new ones are taken in
 * turn, so that an address is not used again soon.
 */
export class AddressPool {
  readonly prefix: IpPrefix & { readonly address: Ipv4Address };
  readonly router: Ipv4Address;
  readonly #memoryMs: number;
  readonly #first: number;
  readonly #last: number;
  readonly #byOwner = new Map<string, Hold>();
  readonly #byAddress = new Map<Ipv4Address, Hold>();
  #next: number;

  /** @param prefix at most 30 bits long: a router, a host and a broadcast address */
  constructor(prefix: IpPrefix, memoryMs: number) {
    if (!isIpv4(prefix.address) || prefix.length > 30) throw new RangeError('a pool needs an IPv4 prefix up to /30');
    this.prefix = { address: prefix.address, length: prefix.length };
    this.router = ipv4Of(prefix.address + 1);
    this.#memoryMs = memoryMs;
    this.#first = prefix.address + 2;
    this.#last = prefix.address + 2 ** (32 - prefix.length) - 2;
    this.#next = this.#first;
  }

  contains(address: Ipv4Address): boolean {
    return prefixContains(this.prefix, address);
  }

  /** Whether an address can be leased to an owner now. */
  isFree(address: Ipv4Address, owner: string, now: Instant): boolean {
    if (address < this.#first || address > this.#last) return false;
    const hold = this.#byAddress.get(address);
    if (hold === undefined || hold.owner === owner) return true;
    return hold.until !== undefined && hold.until <= now;
  }

  /**
   * Leases an address: the owner's own if it has or is remembered to have one, else the wanted one if it is free, else
   * the next free one. undefined if none is left.
   */
  lease(owner: string, wanted: Ipv4Address | undefined, now: Instant): Ipv4Address | undefined {
    const own = this.#byOwner.get(owner);
    if (own !== undefined && (own.until === undefined || own.until > now)) {
      own.until = undefined;
      return own.address;
    }
    if (own !== undefined) this.#forget(own);
    const address = wanted !== undefined && this.isFree(wanted, owner, now) ? wanted : this.#nextFree(owner, now);
    if (address === undefined) return undefined;
    const former = this.#byAddress.get(address);
    if (former !== undefined) this.#forget(former);
    const hold: Hold = { owner, address, until: undefined };
    this.#byOwner.set(owner, hold);
    this.#byAddress.set(address, hold);
    return address;
  }

  /** Ends an owner's lease; its address waits for it until the end of the memory. */
  release(owner: string, now: Instant): void {
    const hold = this.#byOwner.get(owner);
    if (hold !== undefined) hold.until = now + this.#memoryMs;
  }

  /** Forgets every owner, as a restart does. Addresses are still taken in turn, on from the last one. */
  clear(): void {
    this.#byOwner.clear();
    this.#byAddress.clear();
  }

  #forget(hold: Hold): void {
    this.#byOwner.delete(hold.owner);
    this.#byAddress.delete(hold.address);
  }

  #nextFree(owner: string, now: Instant): Ipv4Address | undefined {
    const size = this.#last - this.#first + 1;
    for (let count = 0; count < size; count += 1) {
      const address = ipv4Of(this.#next);
      this.#next = this.#next >= this.#last ? this.#first : this.#next + 1;
      if (this.isFree(address, owner, now)) return address;
    }
    return undefined;
  }
}
