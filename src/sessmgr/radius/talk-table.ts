import type { IpAddress, MacAddress } from '../../kernel/address.ts';
import { DeadlineHeap } from '../../kernel/deadline-heap.ts';
import { type Instant, never } from '../../kernel/instant.ts';
import { NumberMap } from '../../kernel/number-map.ts';
import type { Ticket } from '../../services/samog/aaa/server-group.ts';
import type { AccountName } from '../../services/samog/account-id.ts';
import type { Conversation } from '../../services/samog/relay/conversation.ts';
import type { ForwardingNas, RelayedRequest } from '../../services/samog/relay/forward.ts';
import type { RequestName } from '../../services/samog/relay/replies.ts';
import type { SubscriberProfile } from '../../services/samog/subscriber.ts';
import type { RadiusClientEntry } from './radius-clients.ts';

/** An Access-Request of a known client, its authenticator right, and new. */
export interface AskedAccess {
  readonly client: RadiusClientEntry;
  readonly name: RequestName;
  readonly mac: MacAddress;
  readonly relayed: RelayedRequest;
}

/** AAA's answer as the WLC will get it. */
export interface Held {
  readonly code: number;
  readonly octets: Uint8Array;
}

/** A conversation with what its steps are carried out by. */
export interface Talk {
  conversation: Conversation;
  /** The next one of the same UE, at another WLC. */
  next: Talk | undefined;
  readonly bornSecond: number;
  /** The latest request. */
  asked: AskedAccess;
  ticket: Ticket | undefined;
  /** As of the latest request, and the account in it. */
  nas: (ForwardingNas & AccountName) | undefined;
  held: Held | undefined;
  /** What AAA has said of the subscriber, in Holding. */
  profile: SubscriberProfile | undefined;
  /** When its limit is looked at next. */
  watchedAt: Instant;
}

/** A conversation that has begun with the request `asked`; nothing is under way for it yet. */
export function newTalk(conversation: Conversation, asked: AskedAccess, bornSecond: number): Talk {
  return {
    ...{ conversation, asked, bornSecond },
    ...{ next: undefined, ticket: undefined, nas: undefined, held: undefined, profile: undefined, watchedAt: never },
  };
}

/** The conversations that there are: one of each UE at each WLC, and when each is looked at. */
export class TalkTable {
  /** By MAC address the first conversation of a UE; that it has at other WLCs follow it. */
  readonly #first = new NumberMap<Talk>();
  readonly #byId = new NumberMap<Talk>();
  /** By identifier, so that it holds nothing of what is over; of each conversation one entry that is not too late. */
  readonly #deadlines = new DeadlineHeap<number>();

  get size(): number {
    return this.#byId.size;
  }

  ofId(id: number): Talk | undefined {
    return this.#byId.get(id);
  }

  /** The conversation of a UE at the WLC of this address; undefined if there is none. */
  of(client: IpAddress, mac: MacAddress): Talk | undefined {
    let talk = this.#first.get(mac);
    while (talk !== undefined && talk.asked.name.client !== client) talk = talk.next;
    return talk;
  }

  /** There is none of the same UE at the same WLC. */
  add(talk: Talk): void {
    const { id, mac } = talk.conversation;
    talk.next = this.#first.get(mac);
    this.#first.set(mac, talk);
    this.#byId.set(id, talk);
  }

  remove(talk: Talk): void {
    const { id, mac } = talk.conversation;
    if (this.#byId.get(id) !== talk) return;
    this.#byId.delete(id);
    let before = this.#first.get(mac)!;
    if (before !== talk) {
      while (before.next !== talk) before = before.next!;
      before.next = talk.next;
    } else if (talk.next === undefined) this.#first.delete(mac);
    else this.#first.set(mac, talk.next);
  }

  /** Sees to it that the limit of the conversation is not missed: what is looked at earlier is looked at once more. */
  watch(talk: Talk): void {
    const { id, until } = talk.conversation;
    if (until >= talk.watchedAt) return;
    talk.watchedAt = until;
    this.#deadlines.push(until, id);
  }

  /** One whose limit has come; undefined when there is none any more. */
  nextDue(now: Instant): Talk | undefined {
    for (let due = this.#deadlines.popDue(now); due !== undefined; due = this.#deadlines.popDue(now)) {
      const talk = this.#byId.get(due.key);
      if (talk === undefined || talk.watchedAt !== due.at) continue;
      talk.watchedAt = never;
      if (talk.conversation.until <= now) return talk;
      this.watch(talk);
    }
    return undefined;
  }

  nextDeadline(): Instant {
    return this.#deadlines.peek();
  }
}
