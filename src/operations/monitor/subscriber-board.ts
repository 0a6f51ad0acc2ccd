import type { IpAddress, MacAddress } from '../../kernel/address.ts';
import type { Instant } from '../../kernel/instant.ts';
import type { EventName } from '../../services/samog/event-names.ts';
import type { LoggedEvent } from '../logged-event.ts';
import { rungKindOf } from '../rung-kind.ts';

/**
 * What a subscriber's events say it does: it attaches, is served, moves, was refused, waits (its WLC has let it go, or it gave its
 * address back), or its session has ended. `seen`: nothing of that is known.
 */
export const subscriberStates = ['seen', 'attaching', 'bound', 'handover', 'denied', 'waiting', 'ended'] as const;
export type SubscriberState = (typeof subscriberStates)[number];

/** One subscriber, as its events have it. */
export interface BoardRow {
  readonly mac: MacAddress;
  state: SubscriberState;
  /** Who carries it, by the last message of an access node: `rg` for EoGRE, `wlc` for PMIPv6 and RADIUS. */
  access: 'rg' | 'wlc' | undefined;
  accessPeer: IpAddress | undefined;
  /** The access node before that one. */
  previousPeer: IpAddress | undefined;
  last: LoggedEvent;
  messages: number;
  /** Refusals, and times that ran out. */
  faults: number;
  moves: number;
  /** The last decision, refusal or timer. */
  decision: LoggedEvent | undefined;
}

/** What an event makes of a subscriber; an event that is not here changes nothing. */
const stateAfter: Readonly<Partial<Record<EventName, SubscriberState>>> = {
  'session-attempted': 'attaching',
  'session-established': 'bound',
  'handover-accepted': 'handover',
  'path-switched': 'handover',
  'ip-path-switched': 'handover',
  'access-session-cleaned': 'bound',
  'revocation-unanswered': 'bound',
  'session-reauthenticated': 'bound',
  'handoff-completed': 'bound',
  'dhcp-ack-sent': 'bound',
  'handover-denied': 'denied',
  'session-failed': 'denied',
  'access-reject-relayed': 'denied',
  'handoff-waiting': 'waiting',
  'address-released': 'waiting',
  'deregistration-delay-started': 'waiting',
  'session-ended': 'ended',
  'session-crashed': 'ended',
  // All that a standby hears of it.
  'checkpoint-received': 'bound',
  'checkpoint-removal-received': 'ended',
};

const moved: ReadonlySet<EventName> = new Set(['path-switched', 'ip-path-switched']);

/** A handover of which nothing more is heard is over: nobody says so where no revocation is needed. */
const handoverMs = 5000;

/** The subscribers of the last events, each with what is so of it. As many as `subscribersMax`: the quietest is forgotten first. */
export class SubscriberBoard {
  readonly subscribersMax: number;
  // In the order of their last events: who has one is put at the end.
  readonly #rows = new Map<MacAddress, BoardRow>();
  // Goes on from where the last one was forgotten: a new iterator would walk over the places of all that are gone.
  readonly #quietest = this.#rows.keys();

  constructor(subscribersMax = 4096) {
    this.subscribersMax = subscribersMax;
  }

  get size(): number {
    return this.#rows.size;
  }

  add(logged: LoggedEvent): void {
    const { event } = logged;
    if (event.mac === undefined) return;
    const row = this.#rowOf(event.mac, logged);
    const kind = rungKindOf(event);
    row.last = logged;
    row.state = stateAfter[event.name] ?? row.state;
    if (event.direction !== 'internal') row.messages += 1;
    if (kind !== 'message') row.decision = logged;
    if (kind === 'refusal' || kind === 'timer') row.faults += 1;
    if (moved.has(event.name)) row.moves += 1;
    const { party, peer, direction, name } = event;
    if (peer === undefined || peer === row.accessPeer || (party !== 'rg' && party !== 'wlc')) return;
    // What is sent may be for the node it leaves, and so may the acknowledgement of a revocation: where it is shows in what else
    // comes, and in what is decided.
    if (!moved.has(name) && (direction !== 'received' || name === 'bindingRevocationAcknowledgement-received')) return;
    row.previousPeer = row.accessPeer;
    row.access = party;
    row.accessPeer = peer;
  }

  /** Those with the latest events first. */
  rows(): BoardRow[] {
    return [...this.#rows.values()].reverse();
  }

  of(mac: MacAddress): BoardRow | undefined {
    return this.#rows.get(mac);
  }

  #rowOf(mac: MacAddress, last: LoggedEvent): BoardRow {
    const known = this.#rows.get(mac);
    if (known !== undefined) {
      this.#rows.delete(mac);
      this.#rows.set(mac, known);
      return known;
    }
    if (this.#rows.size >= this.subscribersMax) this.#rows.delete(this.#quietest.next().value!);
    const row: BoardRow = {
      ...{ mac, state: 'seen', last, messages: 0, faults: 0, moves: 0 },
      ...{ access: undefined, accessPeer: undefined, previousPeer: undefined, decision: undefined },
    };
    this.#rows.set(mac, row);
    return row;
  }
}

/** The state at a moment. */
export function stateAt({ state, last }: BoardRow, now: Instant): SubscriberState {
  return state === 'handover' && now - last.at > handoverMs ? 'bound' : state;
}
