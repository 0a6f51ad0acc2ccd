import {
  formatIp,
  formatMac,
  type IpAddress,
  type Ipv4Address,
  isIpv4,
  type MacAddress,
} from '../../../kernel/address.ts';
import type { Digests } from '../../../kernel/context.ts';
import { utf8Encode } from '../../../wire/bytes/text.ts';
import { type Tlv, tlv } from '../../../wire/bytes/tlv.ts';
import { radiusAttribute } from '../../../wire/radius/attributes.ts';
import { hidePassword } from '../../../wire/radius/authenticator.ts';
import { nasPortType, serviceType } from '../../../wire/radius/constants.ts';
import type { Hop } from '../../../wire/radius/mppe-keys.ts';
import { octets } from '../../../wire/radius/values.ts';
import { dslForumAttribute, vendorTlv } from '../../../wire/radius/vendor-attributes.ts';
import type { MrmeServiceConfig } from '../config.ts';
import { macText, naiOfMac } from '../nai.ts';

/** What the gateway knows of a UE that it asks the AAA server to authenticate by its MAC address. */
export interface AuthenticationRequest {
  readonly mac: MacAddress;
  readonly acctSessionId: string;
  /** The RG, access point or WLC that the UE's trigger came from. */
  readonly calledStation: IpAddress;
  /** DHCP option 82, sub-options 1 and 2 (RFC 3046), as the relay wrote them. */
  readonly circuitId?: Uint8Array | undefined;
  readonly remoteId?: Uint8Array | undefined;
  /** How the user is called; undefined for one that is called by the MAC address. */
  readonly userName?: string | undefined;
  /** What the AAA server wants back of an earlier answer or request. */
  readonly state?: Uint8Array | undefined;
  /**
   * Of a session that lives: whether only what the UE may do is asked, by the State (RFC 5176 section 3.2). Undefined while a UE
   * attaches.
   */
  readonly authorizeOnly?: boolean;
  /** The APN that the access side asked for. */
  readonly apn?: string | undefined;
  /** The address the UE says it has, as a hint. */
  readonly homeAddress?: Ipv4Address | undefined;
}

/** What an Access-Request says to one server. */
export type AccessRequestWriter = (request: AuthenticationRequest, to: Hop) => readonly Tlv[];

/** RFC 4679 sections 3.3.1 and 3.3.2 allow the DSL Forum's identifiers no more. */
const agentIdOctetsMax = 63;
const hostPrefixLength = 32;

/**
 * Gives the function that writes the attributes of Access-Requests for MAC authentication (Call Check, RFC 2865 section
 * 5.6), and of those that authorize only, with what all of them have in common encoded once.
 */
export function accessRequestWriter(config: MrmeServiceConfig, digests: Digests): AccessRequestWriter {
  const common: readonly Tlv[] = [...nasAttributes(config), tlv(radiusAttribute.nasPortType, nasPortType.ieee80211)];
  const { userName: format } = config;
  const fixedPassword = config.password.kind === 'fixed' ? utf8Encode(config.password.text) : undefined;

  /** Authorize Only goes without a password: the State says who asks. */
  const password = (request: AuthenticationRequest, to: Hop): Tlv[] => {
    const clear = fixedPassword ?? utf8Encode(macText(request.mac, format));
    const hidden = hidePassword(clear, to.requestAuthenticator, to.secret, digests);
    return [
      { type: radiusAttribute.userPassword.type, data: hidden },
      tlv(radiusAttribute.serviceType, serviceType.callCheck),
    ];
  };
  return (request, to) => [
    tlv(radiusAttribute.userName, request.userName ?? naiOfMac(request.mac, format)),
    ...(request.authorizeOnly ? [tlv(radiusAttribute.serviceType, serviceType.authorizeOnly)] : password(request, to)),
    ...common,
    ...(request.state === undefined ? [] : [tlv(radiusAttribute.state, request.state)]),
    tlv(radiusAttribute.callingStationId, callingStation(request)),
    tlv(radiusAttribute.calledStationId, formatIp(request.calledStation)),
    tlv(radiusAttribute.acctSessionId, request.acctSessionId),
    ...hintsOf(request),
  ];
}

/** How the UE is called in Calling-Station-Id (RFC 3580 section 3.21). */
export function callingStation({ mac }: Pick<AuthenticationRequest, 'mac'>): string {
  return formatMac(mac, '-').toUpperCase();
}

/** How the gateway calls itself in its requests. */
export function nasAttributes({ nasIpAddress, nasIdentifier }: MrmeServiceConfig): readonly Tlv[] {
  return [
    isIpv4(nasIpAddress)
      ? tlv(radiusAttribute.nasIpAddress, nasIpAddress)
      : tlv(radiusAttribute.nasIpv6Address, nasIpAddress),
    ...(nasIdentifier === '' ? [] : [tlv(radiusAttribute.nasIdentifier, nasIdentifier)]),
  ];
}

function hintsOf(request: AuthenticationRequest): Tlv[] {
  const hints: Tlv[] = [];
  const { circuitId, remoteId, apn, homeAddress } = request;
  if (apn !== undefined && apn !== '') hints.push(tlv(radiusAttribute.serviceSelection, apn));
  if (homeAddress !== undefined) {
    hints.push(tlv(radiusAttribute.pmip6HomeIpv4HomeAddress, { address: homeAddress, length: hostPrefixLength }));
  }
  if (circuitId !== undefined && circuitId.length > 0) hints.push(agentId(dslForumAttribute.agentCircuitId, circuitId));
  if (remoteId !== undefined && remoteId.length > 0) hints.push(agentId(dslForumAttribute.agentRemoteId, remoteId));
  return hints;
}

/** Octets, not text: what a relay writes into option 82 may be binary and must reach the AAA server unchanged. */
function agentId(codec: (typeof dslForumAttribute)[keyof typeof dslForumAttribute], id: Uint8Array): Tlv {
  return vendorTlv({ ...codec, value: octets }, id.subarray(0, agentIdOctetsMax));
}
