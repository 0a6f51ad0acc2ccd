import type { WallClock } from '../kernel/instant.ts';
import type { InterceptionState } from '../services/samog/intercept/checkpoint.ts';
import {
  contentPdu,
  type EventPayload,
  eventPdu,
  type InterceptionHead,
  interceptionHead,
} from '../services/samog/intercept/delivery-record.ts';
import { SequenceNumbers } from '../services/samog/intercept/sequence-numbers.ts';
import { identityText, type Target, type TargetIdentity } from '../services/samog/intercept/target.ts';

/**
 * Where another chassis begins to number what it was told nothing of: the interception had just begun there, and at this
 * place it would have been told of it long before.
 */
const untoldFrom = 65_536;

/** Of what a name is made under which chassis tell each other of an interception. */
type InterceptionName = Pick<InterceptionState, 'sessionId' | 'bornSecond' | 'xid'>;

/** The name as one text, the same on both chassis. */
export function interceptionKey({ sessionId, bornSecond, xid }: InterceptionName): string {
  return `${sessionId} ${bornSecond} ${xid}`;
}

/** One task in one session: what is delivered of it, under which numbers. */
export class Interception {
  readonly sessionId: number;
  readonly bornSecond: number;
  readonly mode: InterceptionState['mode'];
  readonly #networkFunction: string;
  #target: Target;
  #head: InterceptionHead;
  #events = new SequenceNumbers();
  #content = new SequenceNumbers();
  /** PDUs that found no room, and of which the delivery function was not told yet. */
  lost = { events: 0, content: 0 };

  constructor(
    target: Target,
    session: { readonly sessionId: number; readonly bornSecond: number },
    mode: InterceptionState['mode'],
    networkFunction: string,
  ) {
    this.#target = target;
    this.sessionId = session.sessionId;
    this.bornSecond = session.bornSecond;
    this.mode = mode;
    this.#networkFunction = networkFunction;
    this.#head = this.#newHead();
  }

  get target(): Target {
    return this.#target;
  }

  set target(target: Target) {
    if (target === this.#target) return;
    this.#target = target;
    this.#head = this.#newHead();
  }

  get key(): string {
    return interceptionKey({ sessionId: this.sessionId, bornSecond: this.bornSecond, xid: this.#target.xid });
  }

  /** Goes on where another chassis, or an earlier process, said that it has given no number; undefined if it has said nothing. */
  resume(state: InterceptionState | undefined): void {
    this.#events = new SequenceNumbers(state?.events ?? untoldFrom);
    this.#content = new SequenceNumbers(state?.content ?? untoldFrom);
  }

  /** As `resume`, for one that begins here, or has been here before. */
  begin(state: InterceptionState | undefined): void {
    this.#events = new SequenceNumbers(state?.events);
    this.#content = new SequenceNumbers(state?.content);
  }

  /** The number of the next X2 PDU. */
  get eventsFrom(): number {
    return this.#events.next;
  }

  /** The number of the next X3 PDU. */
  get contentFrom(): number {
    return this.#content.next;
  }

  /** The next X2 PDU. `identities` are all that the session is known by; those that did not match stand in it, too. */
  event(at: WallClock, identities: readonly TargetIdentity[], payload: EventPayload): Uint8Array {
    const matched = identityText(this.#target.identity);
    const others = identities.filter((identity) => identityText(identity) !== matched);
    return eventPdu(this.#head, this.#events.take(), at, others, payload);
  }

  /** The next X3 PDU, with the packet of `length` octets at `packetAt`. */
  copy(
    at: WallClock,
    direction: 'uplink' | 'downlink',
    bytes: Uint8Array,
    packetAt: number,
    length: number,
  ): Uint8Array {
    return contentPdu(this.#head, this.#content.take(), at, direction, bytes, packetAt, length);
  }

  /** Whether numbers have to be told ahead now; then they are. */
  reserveIfShort(): boolean {
    if (!this.#events.isShort && !this.#content.isShort) return false;
    this.#events.reserve();
    this.#content.reserve();
    return true;
  }

  /** @param isExact whether no number is given until they are told ahead again: then what is told is the next one */
  state(isExact: boolean, isOver = false): InterceptionState {
    if (isExact) {
      this.#events.settle();
      this.#content.settle();
    }
    return {
      sessionId: this.sessionId,
      bornSecond: this.bornSecond,
      xid: this.#target.xid,
      mode: this.mode,
      events: this.#events.told,
      content: this.#content.told,
      isExact,
      isOver,
    };
  }

  #newHead(): InterceptionHead {
    return interceptionHead(this.#target, this.sessionId, this.bornSecond, this.#networkFunction);
  }
}
