import type { IpAddress, MacAddress } from '../kernel/address.ts';
import type { Instant } from '../kernel/instant.ts';
import type { EogrePath, ForwardingEntry } from './entry.ts';

/** What the access side a peer address belongs to may carry, as its TWAN profile says; undefined for an unknown client. */
export type AccessTypeOf = (peer: IpAddress) => 'eogre' | 'pmip' | 'ip' | undefined;

/**
 * What the data path hands up because only the session manager can decide it. All byte ranges are views into the
 * packet being received: copy what is kept.
 */
export interface ForwardingExceptions {
  /**
   * A DHCP message of a UE that came through an EoGRE tunnel from a client of an EoGRE profile.
   * @param payload of the UDP datagram; @param packet the IPv4 packet that it came in
   */
  dhcpReceived(path: EogrePath, sourceMac: MacAddress, payload: Uint8Array, packet: Uint8Array, now: Instant): void;
  /**
   * An IP packet of a known UE whose flow allows EoGRE, from an EoGRE endpoint that is neither its current one nor
   * (within the guard time) the one just left. `sourceMatches` tells whether the source address is one of the
   * session's. Returns the entry to forward the packet by, or undefined to drop it; the session manager has counted.
   */
  dataTriggered(
    entry: ForwardingEntry,
    path: EogrePath,
    sourceMatches: boolean,
    now: Instant,
  ): ForwardingEntry | undefined;
  /**
   * An IP packet of a known UE, or its DHCP message, from a peer that is a client of no EoGRE profile. It is dropped, but
   * it was a handover that is denied.
   * @param dhcp the UDP payload of a DHCP message; undefined for any other packet
   */
  clientRefused(entry: ForwardingEntry, path: EogrePath, dhcp: Uint8Array | undefined): void;
}
