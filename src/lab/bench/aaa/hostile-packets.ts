import { hostDigests } from '../../../host/digests.ts';
import type { Ipv4Address } from '../../../kernel/address.ts';
import { utf8Encode } from '../../../wire/bytes/text.ts';
import { tlv } from '../../../wire/bytes/tlv.ts';
import { radiusAttribute } from '../../../wire/radius/attributes.ts';
import { signAccessRequest, signAccountingRequest } from '../../../wire/radius/authenticator.ts';
import { radiusCode } from '../../../wire/radius/constants.ts';
import { decodeRadius } from '../../../wire/radius/packet.ts';
import { identityOf } from './exchange.ts';
import { eapDialogue } from './wlc-requests.ts';

/** As many as the flood sends in turn. */
const packets = 64;
const wrongSecret = utf8Encode('not the secret of anybody');
const digests = hostDigests();

/** Access-Requests in right form of one who does not know the secret: each costs a digest to find out. */
export function wronglySigned(nas: Ipv4Address): readonly Uint8Array[] {
  const dialogue = eapDialogue('accept');
  return Array.from({ length: packets }, (_, index) => {
    const packet = decodeRadius(dialogue.request(index, nas, 0, index));
    if (!packet.ok) throw new Error('the request of the benchmark is none');
    return signAccessRequest(packet.value, wrongSecret, digests);
  });
}

/** Access-Requests with the right secret, each of them changed in one octet, or cut: form, digest or contents are wrong. */
export function mutated(nas: Ipv4Address): readonly Uint8Array[] {
  const dialogue = eapDialogue('accept');
  return Array.from({ length: packets }, (_, index) => {
    const packet = dialogue.request(index, nas, 0, index);
    if (index % 4 === 0) return packet.subarray(0, index * 3);
    packet[(index * 7) % packet.length]! ^= 1 << (index % 8);
    return packet;
  });
}

/** Disconnect-Requests of one who does not know the secret. */
export function forgedDisconnects(): readonly Uint8Array[] {
  return Array.from({ length: packets }, (_, index) => {
    const attributes = [tlv(radiusAttribute.userName, identityOf(index, 'accept'))];
    const authenticator = new Uint8Array(16);
    const packet = { code: radiusCode.disconnectRequest, identifier: index, authenticator, attributes };
    return signAccountingRequest(packet, wrongSecret, digests);
  });
}
