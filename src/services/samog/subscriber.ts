import type { IpAddress, Ipv4Address } from '../../kernel/address.ts';
import type { Grants } from './grants.ts';

/** What the AAA server said of the subscriber, as far as the session uses it (RFC 2865, RFC 6572). */
export interface Subscriber {
  /** Mobile-Node-Identifier, or undefined: then the NAI is made of the MAC address. */
  readonly nai: string | undefined;
  readonly apn: string | undefined;
  readonly lma: IpAddress | undefined;
  readonly homeAddress: Ipv4Address | undefined;
  readonly sessionTimeoutSeconds: number | undefined;
  readonly idleTimeoutSeconds: number | undefined;
  /** Class, to be returned in accounting (RFC 2865 section 5.25). */
  readonly classes: readonly Uint8Array[];
  readonly chargeableUserIdentity: Uint8Array | undefined;
  readonly imsi: string | undefined;
  /** User-Name of the Accept: what accounting is to call the user (RFC 2865 section 5.1). */
  readonly userName: string | undefined;
  /** Acct-Interim-Interval, at least 60 (RFC 2869 section 5.16). */
  readonly interimIntervalSeconds: number | undefined;
  /** Whether AAA is asked again when Session-Timeout ends, instead of the session (RFC 2865 section 5.29). */
  readonly terminationAction: 'end' | 'ask';
  /** State of the Accept, which goes with that question unchanged (RFC 2865 section 5.24). */
  readonly state: Uint8Array | undefined;
}

/** All of an Access-Accept. What it grants may change while the session lives, and is kept beside the rest there. */
export interface SubscriberProfile extends Subscriber {
  readonly grants: Grants;
}

/** What came of asking AAA; `timeout` if no server answered. */
export type AuthenticationOutcome =
  | { readonly kind: 'accepted'; readonly profile: SubscriberProfile }
  | { readonly kind: 'rejected'; readonly replyMessage: string | undefined }
  | { readonly kind: 'timeout' };
