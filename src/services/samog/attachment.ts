import type { IpAddress } from '../../kernel/address.ts';
import type { Instant } from '../../kernel/instant.ts';
import type { AccessType } from './config.ts';

/** Where and how a UE was authenticated by a WLC or access point that speaks RADIUS: what a Disconnect to it must name. */
export interface RadiusAttachment {
  /** The RADIUS client, by the address its Access-Request came from. */
  readonly nas: IpAddress;
  readonly nasIdentifier: string | undefined;
  /** The NAS's own Acct-Session-Id. */
  readonly acctSessionId: string | undefined;
  /** As the NAS writes them. */
  readonly callingStationId: string;
  readonly calledStationId: string | undefined;
  /** User-Name of the Access-Request: the identity, decorated as it may be. */
  readonly userName: string | undefined;
  /** The EAP type of the last Response; undefined for a password. */
  readonly eapType: number | undefined;
  /** How the NAS carries the UE's traffic. */
  readonly accessType: AccessType;
}

/** A challenge of AAA that a UE with a live session has not answered yet: enough to go on with it on another chassis. */
export interface OutstandingChallenge {
  readonly nas: IpAddress;
  /** State and EAP Identifier of the Access-Challenge: the next Access-Request brings both. */
  readonly state: Uint8Array | undefined;
  readonly eapIdentifier: number | undefined;
  /** Challenges of this authentication so far. */
  readonly rounds: number;
  /** The name of the AAA server whose the State is. */
  readonly server: string;
  readonly until: Instant;
}

/**
 * The Access-Accept that a WLC may ask for again: which request it answers, and its octets, sealed because of the keys in it.
 * After a switchover the other chassis answers the repetition with the same.
 */
export interface AcceptReply {
  readonly client: IpAddress;
  readonly port: number;
  readonly identifier: number;
  readonly authenticator: Uint8Array;
  readonly sealed: Uint8Array;
  /** Until when it is kept. */
  readonly until: Instant;
}

/** How long a repeated Access-Request gets the same answer (RFC 5080 section 2.2.2). */
export const acceptKeptMs = 30_000;
