import type { Digests, RandomSource } from '../kernel/context.ts';
import { toHex } from '../wire/bytes/text.ts';
import { find, type Tlv, tlv } from '../wire/bytes/tlv.ts';
import { eapType } from '../wire/eap/constants.ts';
import { decodeEap, eapIdentity, encodeEap } from '../wire/eap/eap.ts';
import { radiusAttribute } from '../wire/radius/attributes.ts';
import { joinEapMessage, splitEapMessage } from '../wire/radius/eap-message.ts';
import { type Hop, mppeKeyTlvs } from '../wire/radius/mppe-keys.ts';
import type { RadiusPacket } from '../wire/radius/packet.ts';
import { testKeys, testRequest } from './eap-test-method.ts';

/** What an Access-Request with EAP in it leads to. */
export type EapVerdict =
  /** No EAP, or none of ours: what AAA thinks of the UE decides. */
  | { readonly kind: 'none' }
  | { readonly kind: 'challenge'; readonly attributes: readonly Tlv[] }
  /** The peer has answered all: an Accept has these attributes, a Reject those. */
  | { readonly kind: 'done'; readonly accept: (hop: Hop) => readonly Tlv[]; readonly reject: readonly Tlv[] }
  /** It has not: it is rejected. */
  | { readonly kind: 'failed'; readonly reject: readonly Tlv[] };

interface Dialogue {
  readonly round: number;
  readonly identifier: number;
  readonly nonce: Uint8Array;
}

const nonceOctets = 16;
const stateOctets = 16;
/** Dialogues at a time: those of UEs that went away give way. */
const dialoguesMax = 10_000;

/** The server's end of the EAP method for tests: identity, then so many rounds, then keys. */
export class EapServer {
  /** Rounds of Request and Response after the identity. */
  rounds = 3;
  /** Octets of each Request: long ones are in several attributes. */
  requestOctets = nonceOctets;
  readonly #random: RandomSource;
  readonly #digests: Digests;
  /** By State. */
  readonly #dialogues = new Map<string, Dialogue>();

  constructor(random: RandomSource, digests: Digests) {
    this.#random = random;
    this.#digests = digests;
  }

  hear({ attributes }: RadiusPacket): EapVerdict {
    const message = joinEapMessage(attributes);
    const eap = message.kind === 'packet' ? decodeEap(message.octets) : undefined;
    if (eap?.ok !== true || eap.value.kind !== 'response') return { kind: 'none' };
    const { value } = eap;
    const state = find(attributes, radiusAttribute.state);
    if (eapIdentity(value) !== undefined) return this.#challenge(1, (value.identifier + 1) & 0xff);
    const key = state === undefined ? '' : toHex(state);
    const dialogue = this.#dialogues.get(key);
    const isRight =
      dialogue !== undefined &&
      value.type === eapType.experimental &&
      value.identifier === dialogue.identifier &&
      toHex(value.data) === toHex(dialogue.nonce);
    if (!isRight) return { kind: 'failed', reject: resultOf('failure', value.identifier) };
    if (dialogue.round < this.rounds) return this.#challenge(dialogue.round + 1, (dialogue.identifier + 1) & 0xff);
    return {
      kind: 'done',
      accept: (hop) => [
        ...resultOf('success', value.identifier),
        ...mppeKeyTlvs(testKeys(dialogue.nonce, this.#digests), hop, this.#random, this.#digests),
      ],
      reject: resultOf('failure', value.identifier),
    };
  }

  #challenge(round: number, identifier: number): EapVerdict {
    const nonce = this.#random.bytes(this.requestOctets);
    const state = this.#random.bytes(stateOctets);
    if (this.#dialogues.size >= dialoguesMax) this.#dialogues.clear();
    this.#dialogues.set(toHex(state), { round, identifier, nonce });
    const attributes = [...splitEapMessage(testRequest(identifier, nonce)), tlv(radiusAttribute.state, state)];
    return { kind: 'challenge', attributes };
  }
}

function resultOf(kind: 'success' | 'failure', identifier: number): readonly Tlv[] {
  return splitEapMessage(encodeEap({ kind, identifier }));
}
