import type { IpAddress } from './address.ts';
import type { Instant } from './instant.ts';

/**
 * The gateway's doors to the network. Each is bound to an address of its own side (access, S2a, AAA).
 *
 * - `access-gre`, `s2a-gre`: GRE packets, from the GRE header on: over IP protocol 47, or over UDP 4754 (RFC 8086). On the access
 *   side, over IP, the DHCP and ARP of UEs come by channel 1, and all else by channel 0, which is sent by.
 * - `access-pmipv6`, `s2a-pmipv6`: Mobility Headers over UDP 5436 (RFC 5844).
 * - `aaa`: RADIUS over UDP, as a client. Has several channels, one source port each, because a source port carries at
 *   most 256 requests at a time (RFC 2865 section 3).
 * - `access-radius`: RADIUS over UDP of WLCs and access points: channel 0 is the server of authentication, 1 that of
 *   accounting; from 2 on, one for each session manager instance, the client that tells them of ends (RFC 5176).
 * - `dynamic-authorization`: RADIUS over UDP, as a server of CoA- and Disconnect-Requests (RFC 5176). What comes from the network
 *   comes by channel 0; what a session manager instance passes on to another, by the identifier of the session that is meant.
 */
export type PortName =
  | 'access-gre'
  | 'access-pmipv6'
  | 'access-radius'
  | 's2a-gre'
  | 's2a-pmipv6'
  | 'aaa'
  | 'dynamic-authorization';

/** How the core sends. The bytes may be reused by the caller as soon as the call returns. */
export interface PacketOutput {
  /**
   * @param channel which socket of the port, counted from 0 (only the RADIUS ports are sent by more than one)
   * @param peerPort the UDP port, or 0 for GRE (the driver knows the transport's)
   */
  send(port: PortName, channel: number, peer: IpAddress, peerPort: number, bytes: Uint8Array): void;
}

/** How the host delivers. The bytes are valid only during the call: the core copies what it keeps. */
export interface PacketInput {
  receive(port: PortName, channel: number, peer: IpAddress, peerPort: number, bytes: Uint8Array, now: Instant): void;
}

/** A sans-I/O party: it is fed packets and asked when it wants to be called next. */
export interface Timed {
  /** Does everything whose deadline is at or before `now`. */
  advance(now: Instant): void;
  /** The next moment at which `advance` has something to do; `never` if none. */
  nextDeadline(): Instant;
}
