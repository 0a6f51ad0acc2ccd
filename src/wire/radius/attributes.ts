import type { TlvCodec } from '../bytes/tlv.ts';
import {
  concealedOctets,
  integer,
  ipv4Address,
  ipv4Prefix,
  ipv6Address,
  ipv6Prefix,
  octets,
  octetsOf,
  opaqueOctets,
  type RadiusValue,
  text,
} from './values.ts';
import { describeVendorSpecific } from './vendor-attributes.ts';

/** A RADIUS attribute. Values of octets are views of the packet. */
export interface RadiusAttributeCodec<T> extends TlvCodec<T> {
  /** True if `decode` gives a value. */
  valid(data: Uint8Array): boolean;
  /** As of `RadiusValue`. */
  readonly octets?: number | 'any';
}

function one<T>(type: number, name: string, citation: string, value: RadiusValue<T>): RadiusAttributeCodec<T> {
  return { type, name, citation, occurrence: 'one', ...value };
}

function many<T>(type: number, name: string, citation: string, value: RadiusValue<T>): RadiusAttributeCodec<T> {
  return { type, name, citation, occurrence: 'many', ...value };
}

/**
 * The attributes that the gateway reads or writes, by name. `occurrence` is the rule for senders: receivers take the
 * first of a repeated attribute.
 */
export const radiusAttribute = {
  userName: one(1, 'User-Name', 'RFC 2865 5.1', text),
  /** Hidden: see `hidePassword`. */
  userPassword: one(2, 'User-Password', 'RFC 2865 5.2', concealedOctets),
  /** CHAP Identifier and response: who has heard the challenge can try passwords against it. */
  chapPassword: one(3, 'CHAP-Password', 'RFC 2865 5.3', { ...octetsOf(17), describe: concealedOctets.describe }),
  nasIpAddress: one(4, 'NAS-IP-Address', 'RFC 2865 5.4', ipv4Address),
  nasPort: one(5, 'NAS-Port', 'RFC 2865 5.5', integer),
  serviceType: one(6, 'Service-Type', 'RFC 2865 5.6', integer),
  framedIpAddress: one(8, 'Framed-IP-Address', 'RFC 2865 5.8', ipv4Address),
  framedIpNetmask: one(9, 'Framed-IP-Netmask', 'RFC 2865 5.9', ipv4Address),
  /** The name of a list of filters that the NAS knows. */
  filterId: many(11, 'Filter-Id', 'RFC 2865 5.11', text),
  framedMtu: one(12, 'Framed-MTU', 'RFC 2865 5.12', integer),
  replyMessage: many(18, 'Reply-Message', 'RFC 2865 5.18', text),
  /** What a server wants back with the next Access-Request, unchanged. */
  state: one(24, 'State', 'RFC 2865 5.24', octets),
  /** What a server wants back with every Accounting-Request, unchanged and in order. */
  class: many(25, 'Class', 'RFC 2865 5.25', octets),
  vendorSpecific: many(26, 'Vendor-Specific', 'RFC 2865 5.26', { ...octets, describe: describeVendorSpecific }),
  /** Seconds; in an Access-Challenge how long to wait for the peer (RFC 3579 section 2.3). */
  sessionTimeout: one(27, 'Session-Timeout', 'RFC 2865 5.27', integer),
  /** Seconds. */
  idleTimeout: one(28, 'Idle-Timeout', 'RFC 2865 5.28', integer),
  /** One of `terminationAction`. */
  terminationAction: one(29, 'Termination-Action', 'RFC 2865 5.29', integer),
  /** The access point's MAC address and its SSID: `00-10-A4-23-19-C0:AP1` (RFC 3580 section 3.20). */
  calledStationId: one(30, 'Called-Station-Id', 'RFC 2865 5.30', text),
  callingStationId: one(31, 'Calling-Station-Id', 'RFC 2865 5.31', text),
  nasIdentifier: one(32, 'NAS-Identifier', 'RFC 2865 5.32', text),
  /** See proxy-state.ts. */
  proxyState: many(33, 'Proxy-State', 'RFC 2865 5.33', octets),
  /** One of `acctStatusType`. */
  acctStatusType: one(40, 'Acct-Status-Type', 'RFC 2866 5.1', integer),
  /** Seconds since the event; as it changes, so does the packet's identifier. */
  acctDelayTime: one(41, 'Acct-Delay-Time', 'RFC 2866 5.2', integer),
  /** The lower 32 bits: see octet-counters.ts. */
  acctInputOctets: one(42, 'Acct-Input-Octets', 'RFC 2866 5.3', integer),
  acctOutputOctets: one(43, 'Acct-Output-Octets', 'RFC 2866 5.4', integer),
  acctSessionId: one(44, 'Acct-Session-Id', 'RFC 2866 5.5', text),
  acctAuthentic: one(45, 'Acct-Authentic', 'RFC 2866 5.6', integer),
  /** Seconds. */
  acctSessionTime: one(46, 'Acct-Session-Time', 'RFC 2866 5.7', integer),
  /** Modulo 2^32: nothing tells how often packets have wrapped. */
  acctInputPackets: one(47, 'Acct-Input-Packets', 'RFC 2866 5.8', integer),
  acctOutputPackets: one(48, 'Acct-Output-Packets', 'RFC 2866 5.9', integer),
  acctTerminateCause: one(49, 'Acct-Terminate-Cause', 'RFC 2866 5.10', integer),
  acctMultiSessionId: one(50, 'Acct-Multi-Session-Id', 'RFC 2866 5.11', text),
  acctInputGigawords: one(52, 'Acct-Input-Gigawords', 'RFC 2869 5.1', integer),
  acctOutputGigawords: one(53, 'Acct-Output-Gigawords', 'RFC 2869 5.2', integer),
  /** Seconds since 1970-01-01 UTC. */
  eventTimestamp: one(55, 'Event-Timestamp', 'RFC 2869 5.3', integer),
  /** Where there is none, the Request Authenticator is the challenge. */
  chapChallenge: one(60, 'CHAP-Challenge', 'RFC 2865 5.40', octets),
  /** One of `nasPortType`. */
  nasPortType: one(61, 'NAS-Port-Type', 'RFC 2865 5.41', integer),
  connectInfo: one(77, 'Connect-Info', 'RFC 2869 5.11', text),
  /** One EAP packet may fill several of these, in order: see eap-message.ts. */
  eapMessage: many(79, 'EAP-Message', 'RFC 3579 3.1', opaqueOctets),
  messageAuthenticator: one(80, 'Message-Authenticator', 'RFC 3579 3.2', octetsOf(16)),
  /** Seconds, at least 60. */
  acctInterimInterval: one(85, 'Acct-Interim-Interval', 'RFC 2869 5.16', integer),
  nasPortId: one(87, 'NAS-Port-Id', 'RFC 2869 5.17', text),
  framedPool: one(88, 'Framed-Pool', 'RFC 2869 5.18', text),
  /** One NUL in an Access-Request asks for it (section 2.1). */
  chargeableUserIdentity: one(89, 'Chargeable-User-Identity', 'RFC 4372 2.2', octets),
  nasIpv6Address: one(95, 'NAS-IPv6-Address', 'RFC 3162 2.1', ipv6Address),
  framedInterfaceId: one(96, 'Framed-Interface-Id', 'RFC 3162 2.2', octetsOf(8)),
  framedIpv6Prefix: many(97, 'Framed-IPv6-Prefix', 'RFC 3162 2.3', ipv6Prefix),
  framedIpv6Pool: one(100, 'Framed-IPv6-Pool', 'RFC 3162 2.6', text),
  /** One of `errorCause`. */
  errorCause: one(101, 'Error-Cause', 'RFC 5176 3.5', integer),
  /** The first character names the namespace: 0 TADIG, 1 realm, 2 E.212, 3 ICC. */
  operatorName: one(126, 'Operator-Name', 'RFC 5580 4.1', text),
  locationInformation: many(127, 'Location-Information', 'RFC 5580 4.2', octets),
  locationData: many(128, 'Location-Data', 'RFC 5580 4.3', octets),
  basicLocationPolicyRules: one(129, 'Basic-Location-Policy-Rules', 'RFC 5580 4.4', octets),
  extendedLocationPolicyRules: one(130, 'Extended-Location-Policy-Rules', 'RFC 5580 4.5', octets),
  locationCapable: one(131, 'Location-Capable', 'RFC 5580 4.6', integer),
  requestedLocationInfo: one(132, 'Requested-Location-Info', 'RFC 5580 4.7', integer),
  mobileNodeIdentifier: one(145, 'Mobile-Node-Identifier', 'RFC 6572 4.1', octets),
  serviceSelection: one(146, 'Service-Selection', 'RFC 6572 4.2', text),
  pmip6HomeLmaIpv6Address: one(147, 'PMIP6-Home-LMA-IPv6-Address', 'RFC 6572 4.3', ipv6Address),
  pmip6VisitedLmaIpv6Address: one(148, 'PMIP6-Visited-LMA-IPv6-Address', 'RFC 6572 4.4', ipv6Address),
  pmip6HomeLmaIpv4Address: one(149, 'PMIP6-Home-LMA-IPv4-Address', 'RFC 6572 4.5', ipv4Address),
  pmip6VisitedLmaIpv4Address: one(150, 'PMIP6-Visited-LMA-IPv4-Address', 'RFC 6572 4.6', ipv4Address),
  pmip6HomeHnPrefix: many(151, 'PMIP6-Home-HN-Prefix', 'RFC 6572 4.7', ipv6Prefix),
  pmip6VisitedHnPrefix: many(152, 'PMIP6-Visited-HN-Prefix', 'RFC 6572 4.8', ipv6Prefix),
  pmip6HomeInterfaceId: one(153, 'PMIP6-Home-Interface-ID', 'RFC 6572 4.9', octetsOf(8)),
  pmip6VisitedInterfaceId: one(154, 'PMIP6-Visited-Interface-ID', 'RFC 6572 4.10', octetsOf(8)),
  pmip6HomeIpv4HomeAddress: one(155, 'PMIP6-Home-IPv4-HoA', 'RFC 6572 4.11', ipv4Prefix),
  pmip6VisitedIpv4HomeAddress: one(156, 'PMIP6-Visited-IPv4-HoA', 'RFC 6572 4.12', ipv4Prefix),
  pmip6HomeDhcp4ServerAddress: one(157, 'PMIP6-Home-DHCP4-Server-Address', 'RFC 6572 4.13', ipv4Address),
  pmip6VisitedDhcp4ServerAddress: one(158, 'PMIP6-Visited-DHCP4-Server-Address', 'RFC 6572 4.14', ipv4Address),
  pmip6HomeDhcp6ServerAddress: one(159, 'PMIP6-Home-DHCP6-Server-Address', 'RFC 6572 4.15', ipv6Address),
  pmip6VisitedDhcp6ServerAddress: one(160, 'PMIP6-Visited-DHCP6-Server-Address', 'RFC 6572 4.16', ipv6Address),
  pmip6HomeIpv4Gateway: one(161, 'PMIP6-Home-IPv4-Gateway', 'RFC 6572 4.17', ipv4Address),
  pmip6VisitedIpv4Gateway: one(162, 'PMIP6-Visited-IPv4-Gateway', 'RFC 6572 4.18', ipv4Address),
} as const;

const attributeCodecs: readonly RadiusAttributeCodec<unknown>[] = Object.values(radiusAttribute);

/** The table by attribute number. */
export const radiusAttributeByType: readonly (RadiusAttributeCodec<unknown> | undefined)[] = Array.from(
  { length: 256 },
  (_, type) => attributeCodecs.find((codec) => codec.type === type),
);

const anyData = -1;
const moreThanLength = -2;

/** What there is to check of the data of a type, decided once: the packet decoder asks it of every attribute. */
const exactOctets = Int16Array.from(radiusAttributeByType, (codec) => {
  if (codec === undefined || codec.octets === 'any') return anyData;
  return codec.octets ?? moreThanLength;
});

/** Whether the attribute that begins at a place can be one of its type; one that is not known can. Its length is right. */
export function isAttributeAt(bytes: Uint8Array, at: number): boolean {
  const type = bytes[at]!;
  const exact = exactOctets[type]!;
  if (exact === anyData) return true;
  const length = bytes[at + 1]!;
  if (exact >= 0) return length - 2 === exact;
  return radiusAttributeByType[type]!.valid(bytes.subarray(at + 2, at + length));
}
