import { hostDigests } from '../../host/digests.ts';
import { utf8Encode } from '../../wire/bytes/text.ts';
import { type Tlv, tlv } from '../../wire/bytes/tlv.ts';
import { radiusAttribute } from '../../wire/radius/attributes.ts';
import { signResponse, verifyAccessRequest } from '../../wire/radius/authenticator.ts';
import { radiusCode } from '../../wire/radius/constants.ts';
import { decodeRadius } from '../../wire/radius/packet.ts';
import { apn, radiusSecret } from './network.ts';

const classOctets = 16;
const secret = utf8Encode(radiusSecret);

/**
 * A AAA server that accepts everybody it has verified the request of. Its answers are like an operator's: an APN, a
 * session timeout, and a Class to be kept for accounting.
 */
export class AaaLoad {
  readonly #digests = hostDigests();
  readonly #profile: readonly Tlv[] = [
    tlv(radiusAttribute.serviceSelection, apn),
    tlv(radiusAttribute.sessionTimeout, 86_400),
    tlv(radiusAttribute.class, new Uint8Array(classOctets).fill(0x5a)),
  ];

  /** The answer to an Access-Request, or undefined for what is none. */
  answer(bytes: Uint8Array): Uint8Array | undefined {
    const request = decodeRadius(bytes);
    if (!request.ok || request.value.code !== radiusCode.accessRequest) return undefined;
    if (verifyAccessRequest(bytes, secret, this.#digests) !== 'ok') return undefined;
    const { identifier, authenticator, attributes } = request.value;
    const userName = attributes.find(({ type }) => type === radiusAttribute.userName.type);
    const accept = {
      code: radiusCode.accessAccept,
      identifier,
      authenticator,
      attributes: userName === undefined ? this.#profile : [userName, ...this.#profile],
    };
    return signResponse(accept, authenticator, secret, this.#digests);
  }
}
