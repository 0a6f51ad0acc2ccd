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
import { hidePassword, signAccessRequest } from '../../../wire/radius/authenticator.ts';
import { nasPortType, radiusCode, serviceType } from '../../../wire/radius/constants.ts';
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
  /** The APN that the access side asked for. */
  readonly apn?: string | undefined;
  /** The address the UE says it has, as a hint. */
  readonly homeAddress?: Ipv4Address | undefined;
}

/** What makes one transmission of a request differ from others of the same session. */
export interface RequestEnvelope {
  readonly identifier: number;
  /** 16 fresh random octets. */
  readonly authenticator: Uint8Array;
  readonly secret: Uint8Array;
}

export type AccessRequestWriter = (request: AuthenticationRequest, envelope: RequestEnvelope) => Uint8Array;

/** RFC 4679 sections 3.3.1 and 3.3.2 allow the DSL Forum's identifiers no more. */
const agentIdOctetsMax = 63;
const hostPrefixLength = 32;

/**
 * Gives the function that writes Access-Requests for MAC authentication (Call Check, RFC 2865 section 5.6), with what
 * all of them have in common encoded once. Message-Authenticator comes first (RFC 3579 section 3.2).
 */
export function accessRequestWriter(config: MrmeServiceConfig, digests: Digests): AccessRequestWriter {
  const common: readonly Tlv[] = [
    tlv(radiusAttribute.serviceType, serviceType.callCheck),
    nasAddress(config.nasIpAddress),
    ...(config.nasIdentifier === '' ? [] : [tlv(radiusAttribute.nasIdentifier, config.nasIdentifier)]),
    tlv(radiusAttribute.nasPortType, nasPortType.ieee80211),
  ];
  const { password, userName: format } = config;
  const fixedPassword = password.kind === 'fixed' ? utf8Encode(password.text) : undefined;

  return (request, { identifier, authenticator, secret }) => {
    const clear = fixedPassword ?? utf8Encode(macText(request.mac, format));
    const hidden = hidePassword(clear, authenticator, secret, digests);
    const attributes: Tlv[] = [
      tlv(radiusAttribute.userName, naiOfMac(request.mac, format)),
      { type: radiusAttribute.userPassword.type, data: hidden },
      ...common,
      tlv(radiusAttribute.callingStationId, formatMac(request.mac, '-').toUpperCase()),
      tlv(radiusAttribute.calledStationId, formatIp(request.calledStation)),
      tlv(radiusAttribute.acctSessionId, request.acctSessionId),
      ...hintsOf(request),
    ];
    return signAccessRequest(
      { code: radiusCode.accessRequest, identifier, authenticator, attributes },
      secret,
      digests,
    );
  };
}

function nasAddress(address: IpAddress): Tlv {
  return isIpv4(address) ? tlv(radiusAttribute.nasIpAddress, address) : tlv(radiusAttribute.nasIpv6Address, address);
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
