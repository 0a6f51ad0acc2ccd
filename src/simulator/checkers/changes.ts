import { formatMac } from '../../kernel/address.ts';
import type { LiveSession } from '../../services/samog/session/state.ts';
import type { ManagerReader } from '../../sessmgr/manager-reader.ts';
import { utf8Encode } from '../../wire/bytes/text.ts';
import { find, type Tlv, tlv } from '../../wire/bytes/tlv.ts';
import { radiusAttribute } from '../../wire/radius/attributes.ts';
import { errorCause, radiusCode } from '../../wire/radius/constants.ts';
import { decodeRadius } from '../../wire/radius/packet.ts';
import { threeGppAttribute, vendorTlv } from '../../wire/radius/vendor-attributes.ts';
import type { Checker, Observed } from './checker.ts';

/** Lists by which everything passes, so that only their names tell which of them holds. */
export const changeLists = ['even', 'odd'] as const;
/** No Access-Accept of the virtual world grants as much: what is more was said by a change, and how much more is its number. */
const ratesFrom = 1_000_000;
const idleFrom = 100_000;

/** A change that says its number in each of the things that it changes. */
export function numberedChange(number: number): readonly Tlv[] {
  const rates = { kind: 'aggregate', uplinkKbps: ratesFrom + number, downlinkKbps: ratesFrom + number } as const;
  const qos = { qci: 8, priorityLevel: 9, mayPreempt: false, mayBePreempted: true, rates };
  return [
    vendorTlv(threeGppAttribute.negotiatedQosProfile, qos),
    tlv(radiusAttribute.idleTimeout, idleFrom + number),
    tlv(radiusAttribute.filterId, listOf(number)),
    tlv(radiusAttribute.class, utf8Encode(String(number))),
  ];
}

/** The number of the change that a session shows; 0 for none, undefined where it shows a part of one. */
export function changeOf({ durable }: LiveSession): number | undefined {
  const { ambr, accessLists, subscriber } = durable;
  const { idleTimeoutSeconds = 0, classes } = subscriber;
  const number = Math.max(0, (ambr?.uplinkKbps ?? 0) - ratesFrom, idleTimeoutSeconds - idleFrom);
  const shown = [
    Math.max(0, (ambr?.uplinkKbps ?? 0) - ratesFrom),
    Math.max(0, (ambr?.downlinkKbps ?? 0) - ratesFrom),
    Math.max(0, idleTimeoutSeconds - idleFrom),
    classes.length === 0 ? 0 : Number(String.fromCharCode(...classes[0]!)),
  ];
  const list = number === 0 ? undefined : listOf(number);
  const isWhole = shown.every((each) => each === number);
  return isWhole && accessLists?.uplink === list && accessLists?.downlink === list ? number : undefined;
}

function listOf(number: number): string {
  return changeLists[number % 2]!;
}

/** A change of authorization is carried out as a whole, or nothing has changed (RFC 5176 section 2.3). */
export const changesChecker: Checker = {
  name: 'changes',
  check: ({ managers }: Observed) => {
    const wrong: string[] = [];
    for (const { registry } of managers) {
      for (const { session } of registry.sessions()) {
        if (session.kind !== 'Live' || changeOf(session) !== undefined) continue;
        wrong.push(`a part of a change was made to ${formatMac(session.durable.mac)}`);
      }
    }
    return wrong;
  },
};

/** What AAA asks of a session. */
export interface ChangeAsked {
  readonly kind: 'change' | 'disconnect';
  /** Found by Acct-Session-Id, or by the UE, which may have another session by then. */
  readonly by: 'account' | 'ue';
  readonly sessionId: number;
  readonly number: number;
}

interface Watched extends ChangeAsked {
  /** The Error-Cause of the first answer, 0 for an ACK; undefined while there is none. */
  said: number | undefined;
  /** Whose answer that was. */
  saidBy: ManagerReader | undefined;
}

/**
 * Reads what the gateway answers to changes and disconnections: each request has one answer, whoever gives it and however
 * often it is asked; and what was acknowledged holds.
 */
export class AnswersWatch {
  /** By Identifier. */
  readonly #asked = new Map<number, Watched>();
  acknowledged = 0;
  refused = 0;

  asked(identifier: number, request: ChangeAsked): void {
    this.#asked.set(identifier, { ...request, said: undefined, saidBy: undefined });
  }

  /** The session whose change a chassis acknowledges by this packet. */
  acknowledges(manager: ManagerReader, bytes: Uint8Array): LiveSession | undefined {
    if (bytes[0] !== radiusCode.coaAck) return undefined;
    const asked = this.#asked.get(bytes[1]!);
    const session = asked && manager.registry.ofId(asked.sessionId)?.session;
    return session?.kind === 'Live' && changeOf(session) === asked?.number ? session : undefined;
  }

  /** An answer leaves a chassis. Returns what is wrong with it. */
  leaves(manager: ManagerReader, bytes: Uint8Array): readonly string[] {
    const decoded = decodeRadius(bytes);
    const asked = decoded.ok ? this.#asked.get(decoded.value.identifier) : undefined;
    if (!decoded.ok || asked === undefined) return ['the gateway answers what nobody has asked'];
    const { code, attributes } = decoded.value;
    const isAck = code === radiusCode.coaAck || code === radiusCode.disconnectAck;
    const says = isAck ? 0 : (find(attributes, radiusAttribute.errorCause) ?? -1);
    const before = asked.said;
    const what = `${asked.kind} ${asked.number}`;
    if (before === undefined) {
      asked.said = says;
      asked.saidBy = manager;
      if (isAck) this.acknowledged += 1;
      else this.refused += 1;
      const session = manager.registry.ofId(asked.sessionId)?.session;
      const isLive = session?.kind === 'Live';
      if (isAck && asked.kind === 'disconnect' && isLive && asked.by === 'account') return [`${what} was not done`];
      // An ACK may be kept back; what an Access-Accept said meanwhile stands in place of the change.
      const isMade = isLive && session.durable.reauthorization !== undefined;
      if (isAck && asked.kind === 'change' && isLive && !isMade) return [`${what} was not made`];
      return [];
    }
    // Once the session is over, that is what is left to say.
    const isOver = says === errorCause.sessionContextNotFound && before === 0;
    // Behind a cut both chassis serve, and one that has restarted there has no sessions (docs/redundancy.md, scenarios).
    const isElsewhere = before === errorCause.sessionContextNotFound && asked.saidBy !== manager;
    return says === before || isOver || isElsewhere ? [] : [`${what} was answered ${before} first, and then ${says}`];
  }
}
