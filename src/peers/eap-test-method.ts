import type { Digests } from '../kernel/context.ts';
import { utf8Encode } from '../wire/bytes/text.ts';
import { eapType } from '../wire/eap/constants.ts';
import { type EapPacket, encodeEap } from '../wire/eap/eap.ts';
import type { MppeKeys } from '../wire/radius/mppe-keys.ts';

/**
 * An EAP method for tests, of the experimental type (RFC 3748 section 5.8): each Request is random octets, each Response
 * repeats them, and both ends make keys of the last ones. It proves nothing, and takes as many rounds as one likes.
 */

/** A Request of the method: `nonce` is what the peer is to repeat. */
export function testRequest(identifier: number, nonce: Uint8Array): Uint8Array {
  return encodeEap({ kind: 'request', identifier, type: eapType.experimental, data: nonce });
}

/** The Response of a peer to any Request of the method; undefined for another Request. */
export function testResponse(request: EapPacket): Uint8Array | undefined {
  if (request.kind !== 'request' || request.type !== eapType.experimental) return undefined;
  return encodeEap({ ...request, kind: 'response' });
}

/** An EAP-Response of type Identity (RFC 3748 section 5.1), the identity in UTF-8. */
export function identityResponse(identifier: number, identity: string): Uint8Array {
  return encodeEap({ kind: 'response', identifier, type: eapType.identity, data: utf8Encode(identity) });
}

/** The keys of both ends (32 octets each way, as an MSK has) after the last Request. */
export function testKeys(nonce: Uint8Array, digests: Digests): MppeKeys {
  const key = (way: string): Uint8Array => {
    const halves = [1, 2].map((half) => digests.hmacMd5(utf8Encode(`${way} ${half}`), nonce).slice());
    return Uint8Array.of(...halves[0]!, ...halves[1]!);
  };
  return { send: key('send'), receive: key('receive') };
}
