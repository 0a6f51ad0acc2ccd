import { formatIpv4 } from '../../kernel/address.ts';
import type { ServiceAddress } from '../../operations/config/redundancy-config.ts';
import { findInterface } from './network-interface.ts';
import { RouteNetlink } from './route-netlink.ts';

/** What could not be done about an address. */
export interface AddressProblem {
  readonly address: ServiceAddress;
  readonly operation: 'add' | 'remove' | 'add the route of' | 'announce';
  /** The errno name. */
  readonly code: string;
}

/** More than one address of one value on an interface differ in prefix length. */
const prefixLengths = 33;

/**
 * Puts the service addresses on this host's interfaces and takes them away again, within the call: tens of
 * microseconds an address. Used by the gateway and by its keeper.
 */
export class HostAddresses {
  readonly #addresses: readonly ServiceAddress[];
  readonly #netlink = new RouteNetlink();

  constructor(addresses: readonly ServiceAddress[]) {
    this.#addresses = addresses;
  }

  /** Has them here for the next `leaseSeconds`. Those that are here already stay, so that it can be repeated. */
  put(leaseSeconds: number): AddressProblem[] {
    return this.#addresses.flatMap((address): AddressProblem[] => {
      const found = findInterface(address.interface);
      if (found === undefined) return [{ address, operation: 'add', code: 'ENODEV' }];
      const code = this.#netlink.putAddress(found.index, address.address, leaseSeconds);
      if (code !== undefined) return [{ address, operation: 'add', code }];
      if (address.prefixLength === 32 || found.kind === 'loopback') return [];
      const routeCode = this.#netlink.putConnectedRoute(found.index, address.address, address.prefixLength);
      if (routeCode === undefined || routeCode === 'EEXIST') return [];
      return [{ address, operation: 'add the route of', code: routeCode }];
    });
  }

  /** Takes them away. One that is not here is none of the problems. */
  remove(): AddressProblem[] {
    return this.#addresses.flatMap((address): AddressProblem[] => {
      const found = findInterface(address.interface);
      if (found === undefined) return [];
      let code: string | undefined;
      for (let left = prefixLengths; left > 0 && code === undefined; left -= 1) {
        code = this.#netlink.deleteAddress(found.index, address.address);
      }
      return code === undefined || code === 'EADDRNOTAVAIL' ? [] : [{ address, operation: 'remove', code }];
    });
  }

  close(): void {
    this.#netlink.close();
  }
}

/** `cannot add 192.0.2.1/24 on eth0: EPERM`. */
export function describeProblem({ address, operation, code }: AddressProblem): string {
  return `cannot ${operation} ${describeAddress(address)}: ${code}`;
}

/** `192.0.2.1/24 on eth0`. */
export function describeAddress({ address, prefixLength, interface: name }: ServiceAddress): string {
  return `${formatIpv4(address)}/${prefixLength} on ${name}`;
}
