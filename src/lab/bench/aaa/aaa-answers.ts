import { hostDigests } from '../../../host/digests.ts';
import { hostRandom } from '../../../host/random.ts';
import { setU16, u16At } from '../../../wire/bytes/reader.ts';
import { utf8Encode } from '../../../wire/bytes/text.ts';
import { type Tlv, tlv } from '../../../wire/bytes/tlv.ts';
import { radiusAttribute } from '../../../wire/radius/attributes.ts';
import { verifyAccessRequest, verifyAccountingRequest } from '../../../wire/radius/authenticator.ts';
import { radiusCode } from '../../../wire/radius/constants.ts';
import { splitEapMessage } from '../../../wire/radius/eap-message.ts';
import { mppeKeyTlvs } from '../../../wire/radius/mppe-keys.ts';
import { encodeRadius } from '../../../wire/radius/packet.ts';
import { apn, radiusSecret } from '../network.ts';
import { answerOf, keyOf, readIdentity, readState, roundTrips, stateOf, type Verdict } from './exchange.ts';

const headOctets = 20;
const authenticatorAt = 4;
const authenticatorOctets = 16;
/** Of a Message-Authenticator that is the first attribute. */
const firstValueAt = headOctets + 2;
const packetOctetsMax = 4096;
const challengeSeconds = 30;
/** One request of so many is checked, so that the server costs less than what is measured. */
const checkEvery = 16;

const secret = utf8Encode(radiusSecret);
const emptyMessageAuthenticator = { type: radiusAttribute.messageAuthenticator.type, data: new Uint8Array(16) };

/** Where the attributes that matter are in a request; 0 for one that is not there. */
interface Places {
  userName: number;
  state: number;
  proxyState: number;
}

/**
 * A AAA server that remembers nothing: it knows the round of a conversation by the State. Its answers are encoded once for
 * each round, and then signed for each request.
 */
export class AaaAnswers {
  /** Requests that were checked and are not as they should be, or that it has no answer to. */
  failures = 0;
  /** Requests answered. */
  answered = 0;
  readonly #digests = hostDigests();
  readonly #random = hostRandom();
  readonly #templates = { accept: templates('accept'), reject: templates('reject') };
  readonly #packet = new Uint8Array(packetOctetsMax + secret.length);

  /** The answer to a request; undefined for what is none. It is valid until the next call. */
  answer(bytes: Uint8Array): Uint8Array | undefined {
    const isAccess = bytes[0] === radiusCode.accessRequest;
    if (this.answered % checkEvery === 0) {
      const verify = isAccess ? verifyAccessRequest : verifyAccountingRequest;
      if (verify(bytes, secret, this.#digests) !== 'ok') this.failures += 1;
    }
    this.answered += 1;
    const places = placesOf(bytes);
    if (!isAccess) return this.#signed(bytes, places, accountingResponse);
    const { ue, verdict, round } = dialogueOf(bytes, places);
    if (round < 0 || round >= roundTrips) {
      this.failures += 1;
      return undefined;
    }
    if (round === roundTrips - 1 && verdict === 'accept') return this.#signed(bytes, places, this.#accept(bytes, ue));
    const template = this.#templates[verdict][round]!;
    // Message-Authenticator is first, State behind it.
    if (round < roundTrips - 1) template.set(stateOf(ue, verdict, round), firstValueAt + authenticatorOctets + 2);
    return this.#signed(bytes, places, template);
  }

  #accept(request: Uint8Array, ue: number): Uint8Array {
    const requestAuthenticator = request.subarray(authenticatorAt, headOctets);
    const keys = { send: keyOf(ue, 'send'), receive: keyOf(ue, 'receive') };
    const hop = { requestAuthenticator, secret };
    const hidden = mppeKeyTlvs(keys, hop, this.#random, this.#digests);
    return packetOf(radiusCode.accessAccept, [...acceptAttributes, ...hidden]);
  }

  /** RFC 2865 section 3, RFC 3579 section 3.2; with the request's Proxy-State, if it has one. */
  #signed(request: Uint8Array, { proxyState }: Places, template: Uint8Array): Uint8Array {
    const packet = this.#packet;
    packet.set(template);
    let end = template.length;
    if (proxyState > 0) {
      const attribute = request.subarray(proxyState, proxyState + request[proxyState + 1]!);
      packet.set(attribute, end);
      end += attribute.length;
    }
    packet[1] = request[1]!;
    setU16(packet, 2, end);
    packet.set(request.subarray(authenticatorAt, headOctets), authenticatorAt);
    if (packet[0] !== radiusCode.accountingResponse) {
      packet.fill(0, firstValueAt, firstValueAt + authenticatorOctets);
      packet.set(this.#digests.hmacMd5(secret, packet.subarray(0, end)), firstValueAt);
    }
    packet.set(secret, end);
    packet.set(this.#digests.md5(packet.subarray(0, end + secret.length)), authenticatorAt);
    return packet.subarray(0, end);
  }
}

/** What an operator's AAA server says of a subscriber, and the EAP Success. */
const acceptAttributes: readonly Tlv[] = [
  tlv(radiusAttribute.serviceSelection, apn),
  tlv(radiusAttribute.sessionTimeout, 86_400),
  tlv(radiusAttribute.class, new Uint8Array(authenticatorOctets).fill(0x5a)),
  ...splitEapMessage(answerOf('accept', roundTrips - 1)),
];

const accountingResponse = encodeRadius({
  code: radiusCode.accountingResponse,
  identifier: 0,
  authenticator: new Uint8Array(authenticatorOctets),
  attributes: [],
});

/** What answers each round; an Accept is made anew for each UE. */
function templates(verdict: Verdict): readonly Uint8Array[] {
  return Array.from({ length: roundTrips }, (_, round) => {
    const eap = splitEapMessage(answerOf(verdict, round));
    if (round === roundTrips - 1) return packetOf(radiusCode.accessReject, eap);
    return packetOf(radiusCode.accessChallenge, [
      tlv(radiusAttribute.state, stateOf(0, verdict, round)),
      ...eap,
      tlv(radiusAttribute.sessionTimeout, challengeSeconds),
    ]);
  });
}

function packetOf(code: number, attributes: readonly Tlv[]): Uint8Array {
  const authenticator = new Uint8Array(authenticatorOctets);
  return encodeRadius({ code, identifier: 0, authenticator, attributes: [emptyMessageAuthenticator, ...attributes] });
}

function dialogueOf(
  bytes: Uint8Array,
  { userName, state }: Places,
): { readonly ue: number; readonly verdict: Verdict; readonly round: number } {
  if (state > 0) return readState(bytes, state + 2);
  const identity = readIdentity(bytes.subarray(userName + 2, userName + bytes[userName + 1]!));
  return identity === undefined ? { ue: 0, verdict: 'reject', round: -1 } : { ...identity, round: 0 };
}

function placesOf(bytes: Uint8Array): Places {
  const places: Places = { userName: 0, state: 0, proxyState: 0 };
  const end = Math.min(u16At(bytes, 2), bytes.length);
  for (let at = headOctets; at + 2 <= end && bytes[at + 1]! >= 2; at += bytes[at + 1]!) {
    const type = bytes[at];
    if (type === radiusAttribute.userName.type) places.userName = at;
    else if (type === radiusAttribute.state.type) places.state = at;
    else if (type === radiusAttribute.proxyState.type) places.proxyState = at;
  }
  return places;
}
