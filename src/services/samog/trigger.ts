import type { EogrePath } from '../../forwarding/entry.ts';
import type { IpAddress, Ipv4Address, MacAddress } from '../../kernel/address.ts';
import type { DhcpMessage } from '../../wire/dhcpv4/message.ts';
import type { ProxyBindingUpdate } from '../../wire/pmipv6/message.ts';
import type { WlcSessionRecord } from './accounting/wlc-record.ts';
import type { AnsweredRequest } from './answered-request.ts';
import type { AcceptReply, RadiusAttachment } from './attachment.ts';
import type { SubscriberProfile } from './subscriber.ts';

/** A PBU of an access point or WLC that has passed the checks which need no session (`access/pbu.ts`). */
export interface AccessBindingUpdate {
  readonly mag: IpAddress;
  /** The UDP port the PBU came from; replies go there (RFC 5844 section 4). */
  readonly magPort: number;
  readonly nai: string;
  readonly mac: MacAddress;
  readonly sequence: number;
  /** The timestamp option in milliseconds since 1970, or undefined if the MAG uses sequence numbers. */
  readonly timestamp: number | undefined;
  /** 0 asks for deregistration. */
  readonly lifetimeSeconds: number;
  /** The key the MAG wants in packets to it; undefined only in a deregistration. */
  readonly downlinkKey: number | undefined;
  /** The IPv4 home address asked for; undefined for any. */
  readonly requestedAddress: Ipv4Address | undefined;
  readonly handoffIndicator: number;
  readonly apn: string | undefined;
  /** The message itself, whose options the acknowledgement repeats. */
  readonly message: ProxyBindingUpdate;
}

/** The five things a REQUEST can mean (RFC 2131 table 4), and the other messages of a client. */
export type DhcpIntent =
  | { readonly kind: 'discover'; readonly requestedAddress: Ipv4Address | undefined }
  | { readonly kind: 'selecting'; readonly serverIdentifier: Ipv4Address; readonly requestedAddress: Ipv4Address }
  | { readonly kind: 'init-reboot'; readonly requestedAddress: Ipv4Address }
  /** RENEWING or REBINDING: the same answer, told apart only by the message's destination. */
  | { readonly kind: 'extending'; readonly clientAddress: Ipv4Address }
  | { readonly kind: 'release'; readonly clientAddress: Ipv4Address }
  | { readonly kind: 'decline'; readonly requestedAddress: Ipv4Address | undefined }
  | { readonly kind: 'inform'; readonly clientAddress: Ipv4Address };

/** A DHCP message of a UE that came through an EoGRE tunnel. */
export interface AccessDhcp {
  readonly path: EogrePath;
  /** The frame's source: the UE itself, or a relay agent if the message has a relay address. */
  readonly sourceMac: MacAddress;
  readonly intent: DhcpIntent;
  readonly message: DhcpMessage;
}

/** An Access-Accept of the AAA server for a UE whose WLC or access point speaks RADIUS. */
export interface AccessAccepted {
  /** Of the conversation; a session that begins with it has the same identifier. */
  readonly id: number;
  /** The second in which the conversation began; with `id` the name of the account (`account-id.ts`). */
  readonly bornSecond: number;
  readonly profile: SubscriberProfile;
  readonly attachment: RadiusAttachment;
  /** What the WLC gets when the session is up; undefined where no other chassis may have to repeat it. */
  readonly reply: AcceptReply | undefined;
}

/** A START of an access point that gives its UEs addresses itself, and has them authenticated by nobody else. */
export interface AccountingStart {
  readonly nas: IpAddress;
  readonly record: WlcSessionRecord;
  /** The UE's address there. */
  readonly address: Ipv4Address;
  /** Answered when the session is up. */
  readonly request: AnsweredRequest;
}

/** What brings a UE's access with it. */
export type AccessTrigger =
  | { readonly kind: 'pbu'; readonly update: AccessBindingUpdate }
  | { readonly kind: 'dhcp'; readonly dhcp: AccessDhcp }
  | { readonly kind: 'accounting'; readonly start: AccountingStart };

/** Everything that can create a session or move one. */
export type Trigger = AccessTrigger | { readonly kind: 'radius'; readonly accepted: AccessAccepted };
