import type { Digests, RandomSource } from '../../../kernel/context.ts';
import type { Tlv } from '../../../wire/bytes/tlv.ts';
import { encodeEap } from '../../../wire/eap/eap.ts';
import { AttributeWriter, typesOf } from '../../../wire/radius/attribute-writer.ts';
import { radiusAttribute } from '../../../wire/radius/attributes.ts';
import { ciscoPairName, ciscoPairTlv, findCiscoPair } from '../../../wire/radius/cisco-pair.ts';
import { readEapPieces } from '../../../wire/radius/eap-message.ts';
import { type Hop, rehideMppeKeys } from '../../../wire/radius/mppe-keys.ts';
import type { RadiusOctets } from '../../../wire/radius/packet-octets.ts';
import { fitting, withEapSplitAnew } from './forward.ts';

/** What a WLC is told of the session besides what AAA has said, by Cisco's attributes. */
export interface AcceptAdditions {
  /** The MN-Identifier that the WLC is to use in its PBU. */
  readonly nai: string;
}

/**
 * The attributes of AAA's answer as the WLC gets them: the keys of an Accept hidden anew, the EAP packet split anew, all
 * else as it was and where it was. Message-Authenticator is left out: the reply gets its own.
 *
 * @param from the hop to the AAA server, with the authenticator of our request
 * @param to the hop to the WLC, with the authenticator of its request
 * @returns undefined if a key cannot be revealed: a WLC would take what is left for its key
 */
export function passedOnAttributes(
  attributes: readonly Tlv[],
  from: Hop,
  to: Hop,
  random: RandomSource,
  digests: Digests,
): readonly Tlv[] | undefined {
  const others = attributes.filter(({ type }) => type !== radiusAttribute.messageAuthenticator.type);
  return rehideMppeKeys(withEapSplitAnew(others), from, to, random, digests);
}

const isNotPassedOn = typesOf([radiusAttribute.messageAuthenticator]);
const writer = new AttributeWriter();

/**
 * The octets of `passedOnAttributes` for an answer that has no keys to hide anew, as a challenge has none, and no EAP packet in
 * unusual pieces; undefined for any other.
 */
export function passedOnOctets(answer: RadiusOctets): Uint8Array | undefined {
  if (answer.placeOf(radiusAttribute.vendorSpecific.type) > 0) return undefined;
  const pieces = readEapPieces(answer);
  if (pieces.kind === 'scattered' || (pieces.kind === 'packet' && !pieces.isSplitWell)) return undefined;
  writer.begin();
  writer.copyOthers(answer, isNotPassedOn);
  return fitting(writer.end());
}

/** An Accept's attributes with what WLCs of Cisco need for their PBU; what AAA has said of it stands. */
export function withAdditions(attributes: readonly Tlv[], { nai }: AcceptAdditions): readonly Tlv[] {
  const pairs = [
    [ciscoPairName.mnNai, nai],
    [ciscoPairName.mnService, 'ipv4'],
  ] as const;
  const missing = pairs.filter(([name]) => findCiscoPair(attributes, name) === undefined);
  return [...attributes, ...missing.map(([name, value]) => ciscoPairTlv(name, value))];
}

/**
 * The attributes of an Access-Reject that is the gateway's own: an EAP Failure for a UE that speaks EAP, whose Identifier is
 * that of the Response it answers (RFC 3748 section 4.2).
 *
 * @param proxyStates of the request, which go back unchanged (RFC 2865 section 5.33)
 */
export function rejectAttributes(eapIdentifier: number | undefined, proxyStates: readonly Tlv[]): readonly Tlv[] {
  if (eapIdentifier === undefined) return proxyStates;
  const failure = encodeEap({ kind: 'failure', identifier: eapIdentifier });
  return [{ type: radiusAttribute.eapMessage.type, data: failure }, ...proxyStates];
}

/** What the gateway has to know of an Access-Challenge. */
export interface ChallengeHead {
  /** What the next Access-Request will bring back. */
  readonly state: Uint8Array | undefined;
  /** Of the EAP Request. */
  readonly eapIdentifier: number | undefined;
  /** How long the peer may take (RFC 3579 section 2.3), in seconds. */
  readonly timeoutSeconds: number | undefined;
  /** Octets of the EAP packet. */
  readonly eapOctets: number;
}

/**
 * Reads an Access-Challenge. Undefined if its EAP packet is none, or no Request (RFC 3579 section 2.2); without an EAP
 * packet, as with a password, there is nothing to check.
 */
export function readChallenge(answer: RadiusOctets): ChallengeHead | undefined {
  const pieces = readEapPieces(answer);
  const state = answer.find(radiusAttribute.state)?.slice();
  const timeoutSeconds = answer.find(radiusAttribute.sessionTimeout);
  if (pieces.kind === 'none') return { state, timeoutSeconds, eapIdentifier: undefined, eapOctets: 0 };
  if (pieces.kind !== 'packet' || pieces.head?.kind !== 'request') return undefined;
  return { state, timeoutSeconds, eapIdentifier: pieces.head.identifier, eapOctets: pieces.octets };
}
