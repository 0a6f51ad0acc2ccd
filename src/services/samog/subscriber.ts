import type { IpAddress, Ipv4Address } from '../../kernel/address.ts';

/** What the AAA server said of the subscriber, as far as the session uses it (RFC 2865, RFC 6572). */
export interface SubscriberProfile {
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
}

export type AuthenticationOutcome =
  | { readonly kind: 'accepted'; readonly profile: SubscriberProfile }
  | { readonly kind: 'rejected'; readonly replyMessage: string | undefined }
  | { readonly kind: 'timeout' };
