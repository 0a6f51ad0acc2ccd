import { type IpAddress, isIpv4 } from '../../../kernel/address.ts';
import type { Digests } from '../../../kernel/context.ts';
import { find, type Tlv, tlv } from '../../../wire/bytes/tlv.ts';
import { AttributeWriter, typesOf } from '../../../wire/radius/attribute-writer.ts';
import { radiusAttribute } from '../../../wire/radius/attributes.ts';
import { hidePassword, revealPassword } from '../../../wire/radius/authenticator.ts';
import { joinEapMessage, readEapPieces, splitEapMessage } from '../../../wire/radius/eap-message.ts';
import type { Hop } from '../../../wire/radius/mppe-keys.ts';
import type { RadiusOctets } from '../../../wire/radius/packet-octets.ts';
import { attributeOctetsMax } from '../../../wire/radius/values.ts';

/** What an Access-Request of a WLC asks the gateway to pass on. */
export interface RelayedRequest {
  /** `eap`: a Response of the UE. `eap-start`: the WLC asks the server to begin (RFC 3579 section 2.1). */
  readonly kind: 'eap' | 'eap-start' | 'password' | 'chap';
  /** Of the EAP Response. */
  readonly eapIdentifier: number | undefined;
  /** The EAP type of the Response, as it is on the wire. */
  readonly eapType: number | undefined;
  /** What AAA gave with its challenge. */
  readonly state: Uint8Array | undefined;
  /** Neither a password nor an EAP packet in unusual pieces: most of it is the same octets on the next hop. */
  readonly isPlain: boolean;
  readonly packet: RadiusOctets;
}

const writer = new AttributeWriter();

/** How the gateway calls itself and the account toward AAA. */
export interface ForwardingNas {
  readonly address: IpAddress;
  /** Empty for none. */
  readonly identifier: string;
  readonly acctSessionId: string;
  /** The most that the operator allows; undefined leaves it to the WLC. */
  readonly framedMtu: number | undefined;
  /** The attributes that say so, as octets. */
  readonly encoded: Uint8Array;
}

/** @param identifier empty for none */
export function forwardingNas(
  address: IpAddress,
  identifier: string,
  acctSessionId: string,
  framedMtu: number | undefined,
): ForwardingNas {
  writer.begin();
  for (const attribute of nasAttributes(address, identifier, acctSessionId)) writer.put(attribute);
  return { address, identifier, acctSessionId, framedMtu, encoded: writer.end() };
}

/**
 * What there is to relay in an Access-Request. Undefined where RFC 3579 sections 2.2 and 3.1 have it discarded: an
 * EAP-Message that is scattered, no EAP packet, or none of a UE's; or neither an EAP packet nor one password (RFC 2865 section 4.1).
 */
export function readRelayedRequest(packet: RadiusOctets): RelayedRequest | undefined {
  const state = packet.find(radiusAttribute.state);
  const pieces = readEapPieces(packet);
  const hasPassword = packet.placeOf(radiusAttribute.userPassword.type) > 0;
  const none = { eapIdentifier: undefined, eapType: undefined, state, isPlain: !hasPassword, packet };
  switch (pieces.kind) {
    case 'start':
      return { kind: 'eap-start', ...none };
    case 'none':
      if (packet.placeOf(radiusAttribute.chapPassword.type) > 0)
        return hasPassword ? undefined : { kind: 'chap', ...none };
      return isHiddenPassword(packet.find(radiusAttribute.userPassword)) ? { kind: 'password', ...none } : undefined;
    case 'scattered':
      return undefined;
    case 'packet': {
      const { head, isSplitWell } = pieces;
      if (head?.kind !== 'response') return undefined;
      const isPlain = isSplitWell && !hasPassword;
      return { kind: 'eap', eapIdentifier: head.identifier, eapType: head.type, state, isPlain, packet };
    }
  }
}

/** RFC 2865 section 5.2: 16 to 128 octets, in blocks of 16. */
function isHiddenPassword(hidden: Uint8Array | undefined): boolean {
  return hidden !== undefined && hidden.length > 0 && hidden.length <= 128 && hidden.length % 16 === 0;
}

/**
 * By type. Attributes that name the NAS and its account: toward AAA that is the gateway (RFC 5176 section 3 sends CoA there).
 * Framed-MTU follows at the end, as the gateway allows it.
 */
const isNotPassedOn = typesOf([
  radiusAttribute.nasIpAddress,
  radiusAttribute.nasIpv6Address,
  radiusAttribute.nasIdentifier,
  radiusAttribute.acctSessionId,
  radiusAttribute.messageAuthenticator,
  radiusAttribute.framedMtu,
]);

/**
 * The octets of `forwardedAttributes` for a request that is plain, the same for whichever server. Undefined if a packet has no room
 * for them.
 */
export function forwardedOctets({ packet }: RelayedRequest, nas: ForwardingNas): Uint8Array | undefined {
  writer.begin();
  writer.copy(nas.encoded);
  writer.copyOthers(packet, isNotPassedOn);
  const challenge = challengeInHead(packet);
  if (challenge !== undefined) writer.put(challenge);
  const framedMtu = lesser(packet.find(radiusAttribute.framedMtu), nas.framedMtu);
  if (framedMtu !== undefined) writer.u32(radiusAttribute.framedMtu.type, framedMtu);
  return fitting(writer.end());
}

/** The octets, unless a packet has no room for them besides its Message-Authenticator. */
export function fitting(encoded: Uint8Array): Uint8Array | undefined {
  return encoded.length <= allAttributesOctetsMax ? encoded : undefined;
}

/**
 * The attributes of our Access-Request for that of a WLC. All that the gateway has no business with passes unchanged and
 * in order, State, Proxy-State and unknown ones included; the pieces of the EAP packet are joined and split anew.
 * Message-Authenticator is left out: whoever sends the request computes its own.
 *
 * @param from the hop to the WLC
 * @param to the hop to the AAA server: User-Password is hidden hop by hop (RFC 2865 section 5.2)
 */
export function forwardedAttributes(
  { packet }: RelayedRequest,
  nas: ForwardingNas,
  from: Hop,
  to: Hop,
  digests: Digests,
): readonly Tlv[] {
  const attributes = nasAttributes(nas.address, nas.identifier, nas.acctSessionId);
  for (const attribute of withEapSplitAnew(packet.attributes)) {
    const { type, data } = attribute;
    if (isNotPassedOn[type]) continue;
    if (type === radiusAttribute.userPassword.type) {
      // A second one may be malformed; it is no password of anybody's (section 5.44 allows one).
      const clear = revealPassword(data, from.requestAuthenticator, from.secret, digests);
      if (clear === undefined) continue;
      attributes.push({ type, data: hidePassword(clear, to.requestAuthenticator, to.secret, digests) });
    } else attributes.push(attribute);
  }
  const challenge = challengeInHead(packet);
  if (challenge !== undefined) attributes.push(challenge);
  const framedMtu = lesser(find(packet.attributes, radiusAttribute.framedMtu), nas.framedMtu);
  if (framedMtu !== undefined) attributes.push(tlv(radiusAttribute.framedMtu, framedMtu));
  return attributes;
}

/** The CHAP challenge that was the Request Authenticator (RFC 2865 section 5.40): ours is another. */
function challengeInHead(packet: RadiusOctets): Tlv | undefined {
  if (packet.placeOf(radiusAttribute.chapPassword.type) === 0) return undefined;
  const { type } = radiusAttribute.chapChallenge;
  return packet.placeOf(type) > 0 ? undefined : { type, data: packet.authenticator };
}

function nasAttributes(address: IpAddress, identifier: string, acctSessionId: string): Tlv[] {
  return [
    isIpv4(address) ? tlv(radiusAttribute.nasIpAddress, address) : tlv(radiusAttribute.nasIpv6Address, address),
    ...(identifier === '' ? [] : [tlv(radiusAttribute.nasIdentifier, identifier)]),
    tlv(radiusAttribute.acctSessionId, acctSessionId),
  ];
}

function lesser(left: number | undefined, right: number | undefined): number | undefined {
  if (left === undefined || right === undefined) return left ?? right;
  return Math.min(left, right);
}

/**
 * The attributes with the EAP packet in pieces as long as they can be, where the first piece stood. An EAP-Message without
 * data, and attributes without any, stay as they are.
 */
export function withEapSplitAnew(attributes: readonly Tlv[]): readonly Tlv[] {
  if (isSplitWell(attributes)) return attributes;
  const message = joinEapMessage(attributes);
  if (message.kind !== 'packet') return attributes;
  const { type } = radiusAttribute.eapMessage;
  const first = attributes.findIndex((attribute) => attribute.type === type);
  const others = attributes.filter((attribute) => attribute.type !== type);
  return [...others.slice(0, first), ...splitEapMessage(message.octets), ...others.slice(first)];
}

/** Whether every piece of the EAP packet but the last is as long as it can be, and none is empty: so senders do it. */
function isSplitWell(attributes: readonly Tlv[]): boolean {
  let before: Tlv | undefined;
  for (const attribute of attributes) {
    if (attribute.type !== radiusAttribute.eapMessage.type) continue;
    if (attribute.data.length === 0) return false;
    if (before !== undefined && before.data.length < attributeOctetsMax) return false;
    before = attribute;
  }
  return true;
}

/** A packet has no room for more (RFC 2865 section 3); the head and a Message-Authenticator are part of it. */
const allAttributesOctetsMax = 4096 - 20 - 18;

/** Whether a packet can hold these attributes besides its Message-Authenticator. */
export function fitsPacket(attributes: readonly Tlv[]): boolean {
  let octets = 0;
  for (const { data } of attributes) octets += 2 + data.length;
  return octets <= allAttributesOctetsMax;
}
