import type { Tlv } from '../bytes/tlv.ts';
import { type EapHead, readEapHead } from '../eap/eap.ts';
import { radiusAttribute } from './attributes.ts';
import type { RadiusOctets } from './packet-octets.ts';
import { attributeOctetsMax } from './values.ts';

/**
 * What the EAP-Message attributes of a packet hold (RFC 3579 section 3.1): one EAP packet in pieces, in order and next
 * to each other.
 *
 * - `start` is an EAP-Message without data: a NAS that asks the server to begin (section 2.1).
 * - `scattered`: other attributes stand between the pieces. Whether they belong together is anybody's guess.
 * - `packet`: the octets together, not yet decoded. A view of the packet if there is only one piece.
 */
export type EapMessage =
  | { readonly kind: 'none' | 'start' | 'scattered' }
  | { readonly kind: 'packet'; readonly octets: Uint8Array };

/**
 * The same of a packet whose pieces are left where they are.
 *
 * `head` is undefined for octets that are no EAP packet.
 */
export type EapPieces =
  | { readonly kind: 'none' | 'start' | 'scattered' }
  | {
      readonly kind: 'packet';
      readonly head: EapHead | undefined;
      /** Of the EAP packet. */
      readonly octets: number;
      /** Every piece but the last is as long as it can be, and none is empty: so senders do it. */
      readonly isSplitWell: boolean;
    };

const eapMessageType = radiusAttribute.eapMessage.type;
const eapHeadOctets = 5;
/** What IEEE 802.1X puts before an EAP packet: Version, Type and Body Length (RFC 3580 section 3.10). */
const eapolHeadOctets = 4;

/** Joins the pieces. Never throws. */
export function joinEapMessage(attributes: readonly Tlv[]): EapMessage {
  const first = attributes.findIndex(isPiece);
  if (first < 0) return { kind: 'none' };
  let end = first;
  let length = 0;
  for (; end < attributes.length && isPiece(attributes[end]!); end += 1) length += attributes[end]!.data.length;
  for (let other = end; other < attributes.length; other += 1) {
    if (isPiece(attributes[other]!)) return { kind: 'scattered' };
  }
  if (length === 0) return { kind: 'start' };
  if (end === first + 1) return { kind: 'packet', octets: attributes[first]!.data };
  const octets = new Uint8Array(length);
  let at = 0;
  for (let index = first; index < end; index += 1) {
    octets.set(attributes[index]!.data, at);
    at += attributes[index]!.data.length;
  }
  return { kind: 'packet', octets };
}

/** Looks at the pieces of a packet. Never throws. */
export function readEapPieces(packet: RadiusOctets): EapPieces {
  const { bytes } = packet;
  const first = packet.placeOf(eapMessageType);
  if (first === 0) return { kind: 'none' };
  let end = first;
  let octets = 0;
  let before = attributeOctetsMax;
  let isSplitWell = true;
  while (end < bytes.length && bytes[end] === eapMessageType) {
    const length = bytes[end + 1]! - 2;
    if (length === 0 || before < attributeOctetsMax) isSplitWell = false;
    before = length;
    octets += length;
    end += 2 + length;
  }
  if (end < bytes.length && packet.placeOf(eapMessageType, end) > 0) return { kind: 'scattered' };
  if (octets === 0) return { kind: 'start' };
  const firstOctets = bytes[first + 1]! - 2;
  if (firstOctets >= Math.min(octets, eapHeadOctets)) {
    return { kind: 'packet', head: readEapHead(bytes, first + 2, octets), octets, isSplitWell };
  }
  const message = joinEapMessage(packet.attributes);
  const joined = message.kind === 'packet' ? message.octets : new Uint8Array(0);
  return { kind: 'packet', head: readEapHead(joined, 0, octets), octets, isSplitWell };
}

/** The pieces of an EAP packet, each as long as an attribute can be. They are views: copy what changes afterwards. */
export function splitEapMessage(octets: Uint8Array): readonly Tlv[] {
  const pieces: Tlv[] = [];
  for (let at = 0; at < octets.length; at += attributeOctetsMax) {
    pieces.push({ type: eapMessageType, data: octets.subarray(at, at + attributeOctetsMax) });
  }
  return pieces;
}

/**
 * How long an EAP packet toward a peer on an IEEE 802 link may be (RFC 3579 section 2.4, RFC 3580 section 3.10).
 *
 * @param framedMtu the Framed-MTU of the Access-Request, in octets
 */
export function eapOctetsMax(framedMtu: number): number {
  return Math.max(framedMtu - eapolHeadOctets, 0);
}

function isPiece(attribute: Tlv): boolean {
  return attribute.type === eapMessageType;
}
