import type { Tlv } from '../bytes/tlv.ts';
import { radiusAttribute } from './attributes.ts';
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

const eapMessageType = radiusAttribute.eapMessage.type;
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
