import type { Ipv4Address } from '../../src/kernel/address.ts';
import type { ServiceAddress } from '../../src/operations/config/redundancy-config.ts';
import type { ServiceAddressReport } from '../../src/operations/views/redundancy-reader.ts';

/** What the process of `address-node.ts` is told: plain data, passed as JSON. */
export interface AddressPlan {
  readonly addresses: readonly ServiceAddress[];
  /** To whom it sends. */
  readonly neighbour: Ipv4Address;
  readonly routeHook?: string;
  /** The user it becomes before it begins. */
  readonly uid?: number;
}

/** Each is answered by an `AddressStatus`. `send` sends one datagram from the first service address. */
export type AddressCommand =
  | { readonly kind: 'take' | 'release' | 'send' | 'status' | 'close' }
  | { readonly kind: 'route'; readonly role: 'active' | 'standby'; readonly routeModifier: number }
  | { readonly kind: 'watch'; readonly limitMs?: number };

export interface AddressStatus extends ServiceAddressReport {
  /** Calls of `onLost`. */
  readonly lostReports: number;
  /** Datagrams that the kernel took. */
  readonly sent: number;
}
