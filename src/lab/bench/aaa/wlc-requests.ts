import { hostDigests } from '../../../host/digests.ts';
import { hostRandom } from '../../../host/random.ts';
import { formatMac, type Ipv4Address } from '../../../kernel/address.ts';
import { utf8Encode } from '../../../wire/bytes/text.ts';
import { find, type Tlv, tlv } from '../../../wire/bytes/tlv.ts';
import { radiusAttribute } from '../../../wire/radius/attributes.ts';
import { signAccessRequest, signAccountingRequest, verifyResponse } from '../../../wire/radius/authenticator.ts';
import { acctStatusType, nasPortType, radiusCode, serviceType } from '../../../wire/radius/constants.ts';
import { joinEapMessage, splitEapMessage } from '../../../wire/radius/eap-message.ts';
import { findMppeKeys } from '../../../wire/radius/mppe-keys.ts';
import { decodeRadius } from '../../../wire/radius/packet.ts';
import { addressOfUe, macOfUe, radiusSecret } from '../network.ts';
import { answerOf, identityOf, keyOf, responseOf, roundTrips, stateOf, type Verdict } from './exchange.ts';

const authenticatorOctets = 16;
const authenticatorAt = 4;
const headOctets = 20;
const framedMtu = 1400;
const secret = utf8Encode(radiusSecret);
const noAuthenticator = new Uint8Array(authenticatorOctets);
const digests = hostDigests();
const random = hostRandom();

/** What a WLC asks in one piece of work: requests that follow one another, each with the code that has to answer it. */
export interface Dialogue {
  readonly rounds: number;
  request(ue: number, nas: Ipv4Address, round: number, identifier: number): Uint8Array;
  /** Whether the answer to a request is as it should be, digests and contents. */
  isRight(ue: number, round: number, request: Uint8Array, answer: Uint8Array): boolean;
  /** The code of the right answer. */
  answerCode(round: number): number;
}

/** An EAP conversation of ten round trips. */
export function eapDialogue(verdict: Verdict): Dialogue {
  const result = verdict === 'accept' ? radiusCode.accessAccept : radiusCode.accessReject;
  const isLast = (round: number) => round === roundTrips - 1;
  return {
    rounds: roundTrips,
    answerCode: (round) => (isLast(round) ? result : radiusCode.accessChallenge),
    request(ue, nas, round, identifier) {
      const attributes = [
        tlv(radiusAttribute.userName, identityOf(ue, verdict)),
        ...nasAttributes(ue, nas),
        tlv(radiusAttribute.serviceType, serviceType.framed),
        tlv(radiusAttribute.framedMtu, framedMtu),
        ...splitEapMessage(responseOf(ue, verdict, round)),
        ...(round === 0 ? [] : [tlv(radiusAttribute.state, stateOf(ue, verdict, round - 1))]),
        tlv(radiusAttribute.proxyState, proxyStateOf(ue)),
      ];
      const authenticator = random.bytes(authenticatorOctets);
      return signAccessRequest(
        { code: radiusCode.accessRequest, identifier, authenticator, attributes },
        secret,
        digests,
      );
    },
    isRight(ue, round, request, answer) {
      const attributes = readAnswer(ue, request, answer);
      const message = attributes === undefined ? undefined : joinEapMessage(attributes);
      if (attributes === undefined || message?.kind !== 'packet') return false;
      if (!same(message.octets, answerOf(verdict, round))) return false;
      if (!isLast(round)) return same(find(attributes, radiusAttribute.state), stateOf(ue, verdict, round));
      if (verdict === 'reject') return true;
      const requestAuthenticator = request.subarray(authenticatorAt, headOctets);
      const keys = findMppeKeys(attributes, { requestAuthenticator, secret }, digests);
      return same(keys?.send, keyOf(ue, 'send')) && same(keys?.receive, keyOf(ue, 'receive'));
    },
  };
}

/** An Accounting-Request that says what a session has used so far. */
export const interimDialogue: Dialogue = {
  rounds: 1,
  answerCode: () => radiusCode.accountingResponse,
  request(ue, nas, _, identifier) {
    const attributes = [
      tlv(radiusAttribute.userName, identityOf(ue, 'accept')),
      ...nasAttributes(ue, nas),
      tlv(radiusAttribute.framedIpAddress, addressOfUe(ue)),
      tlv(radiusAttribute.acctStatusType, acctStatusType.interimUpdate),
      tlv(radiusAttribute.acctMultiSessionId, `m-${ue}`),
      tlv(radiusAttribute.acctSessionTime, 600),
      // What makes each record another: no two of them may be the same request.
      tlv(radiusAttribute.acctInputOctets, random.u32()),
      tlv(radiusAttribute.acctOutputOctets, random.u32()),
      tlv(radiusAttribute.acctInputGigawords, 1),
      tlv(radiusAttribute.acctOutputGigawords, 2),
      tlv(radiusAttribute.acctInputPackets, 1_000_000),
      tlv(radiusAttribute.acctOutputPackets, 2_000_000),
      tlv(radiusAttribute.eventTimestamp, 1_700_000_000),
      tlv(radiusAttribute.class, noAuthenticator),
      tlv(radiusAttribute.proxyState, proxyStateOf(ue)),
    ];
    const packet = { code: radiusCode.accountingRequest, identifier, authenticator: noAuthenticator, attributes };
    return signAccountingRequest(packet, secret, digests);
  },
  isRight: (ue, _, request, answer) => readAnswer(ue, request, answer) !== undefined,
};

function nasAttributes(ue: number, nas: Ipv4Address): readonly Tlv[] {
  return [
    tlv(radiusAttribute.nasIpAddress, nas),
    tlv(radiusAttribute.nasIdentifier, 'wlc-of-the-benchmark'),
    tlv(radiusAttribute.nasPort, 1 + (ue & 0xff)),
    tlv(radiusAttribute.nasPortType, nasPortType.ieee80211),
    tlv(radiusAttribute.callingStationId, formatMac(macOfUe(ue), '-')),
    tlv(radiusAttribute.calledStationId, '02-00-5E-10-00-01:benchmark'),
    tlv(radiusAttribute.acctSessionId, `s-${ue}`),
  ];
}

/** The attributes of an answer whose digests are right and that has the request's Proxy-State. */
function readAnswer(ue: number, request: Uint8Array, answer: Uint8Array): readonly Tlv[] | undefined {
  const packet = decodeRadius(answer);
  const requestAuthenticator = request.subarray(authenticatorAt, headOctets);
  if (!packet.ok || verifyResponse(answer, requestAuthenticator, secret, digests) !== 'ok') return undefined;
  const { attributes } = packet.value;
  return same(find(attributes, radiusAttribute.proxyState), proxyStateOf(ue)) ? attributes : undefined;
}

function proxyStateOf(ue: number): Uint8Array {
  return utf8Encode(`wlc-${ue}`);
}

function same(left: Uint8Array | undefined, right: Uint8Array): boolean {
  return left !== undefined && left.length === right.length && left.every((octet, index) => octet === right[index]);
}
