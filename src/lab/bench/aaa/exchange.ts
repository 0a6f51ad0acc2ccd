import { setU32, u32At } from '../../../wire/bytes/reader.ts';
import { utf8Decode, utf8Encode } from '../../../wire/bytes/text.ts';
import { eapCode, eapType } from '../../../wire/eap/constants.ts';
import { encodeEap } from '../../../wire/eap/eap.ts';
import { realm } from '../network.ts';

/**
 * What UEs and AAA server say to each other in the benchmark: an EAP conversation of the lengths of PEAP with MS-CHAPv2, whose
 * contents are nobody's. Both ends know it from here, so that neither has to remember anything.
 */

/** Round trips of one conversation, the identity and the result included. */
export const roundTrips = 10;

export type Verdict = 'accept' | 'reject';

/** Octets of the method's data in the UE's Response of each round trip after the identity. */
const responseOctets = [210, 1, 1, 140, 1, 75, 135, 45, 45] as const;
/** Octets in the server's Request that answers each round trip but the last. */
const requestOctets = [1, 1007, 1007, 610, 65, 45, 90, 100, 50] as const;

const stateOctets = 16;
const conversationAt = 4;
const roundAt = 8;
const verdictAt = 12;
const identityPattern = /^([ar])(\d+)@/;

/** The identity that a UE gives, which says what its verdict will be. */
export function identityOf(ue: number, verdict: Verdict): string {
  return `${verdict[0]}${ue}@${realm}`;
}

/** Whom an identity is of; undefined for one of nobody's. */
export function readIdentity(userName: Uint8Array): { readonly ue: number; readonly verdict: Verdict } | undefined {
  const match = identityPattern.exec(utf8Decode(userName));
  return match === null ? undefined : { ue: Number(match[2]), verdict: match[1] === 'a' ? 'accept' : 'reject' };
}

/** The State of a challenge. @param round of the request that is answered, from 0 */
export function stateOf(ue: number, verdict: Verdict, round: number): Uint8Array {
  const state = new Uint8Array(stateOctets);
  setU32(state, conversationAt, ue);
  setU32(state, roundAt, round);
  state[verdictAt] = verdict === 'accept' ? 1 : 0;
  return state;
}

/** What a State says of the request that brings it back: its UE, and which round it is, from 1. */
export function readState(
  bytes: Uint8Array,
  at: number,
): { readonly ue: number; readonly verdict: Verdict; readonly round: number } {
  const verdict = bytes[at + verdictAt] === 1 ? 'accept' : 'reject';
  return { ue: u32At(bytes, at + conversationAt), verdict, round: u32At(bytes, at + roundAt) + 1 };
}

/** The EAP Response of a round, from 0. */
export function responseOf(ue: number, verdict: Verdict, round: number): Uint8Array {
  const identifier = round;
  if (round === 0) {
    return encodeEap({
      kind: 'response',
      identifier,
      type: eapType.identity,
      data: utf8Encode(identityOf(ue, verdict)),
    });
  }
  const data = new Uint8Array(responseOctets[round - 1]!).fill(round);
  return encodeEap({ kind: 'response', identifier, type: eapType.peap, data });
}

/** The EAP packet that answers a round: a Request, or in the end the result. */
export function answerOf(verdict: Verdict, round: number): Uint8Array {
  if (round < roundTrips - 1) {
    const data = new Uint8Array(requestOctets[round]!).fill(round);
    return encodeEap({ kind: 'request', identifier: round + 1, type: eapType.peap, data });
  }
  return Uint8Array.of(verdict === 'accept' ? eapCode.success : eapCode.failure, round, 0, 4);
}

/** The UE's half of the keys. @param half which of the two */
export function keyOf(ue: number, half: 'send' | 'receive'): Uint8Array {
  const key = new Uint8Array(32).fill(half === 'send' ? 0xa5 : 0x5a);
  setU32(key, 0, ue);
  return key;
}
