import type { IpAddress, Ipv4Address, MacAddress } from '../../kernel/address.ts';
import type { Instant } from '../../kernel/instant.ts';
import type { PortName } from '../../kernel/port.ts';
import type { SessionIdentification } from '../../services/samog/authorization/request.ts';
import type { SamogConfig } from '../../services/samog/config.ts';
import type { EventMessage } from '../../services/samog/event-message.ts';
import type { SamogEvent } from '../../services/samog/events.ts';
import type { StreamPosition } from '../../wire/srp/messages.ts';
import type { FromMember, ToMember } from '../pair/member-messages.ts';
import type { RowRefusal } from '../recovery/recover.ts';
import type { RecoveryBatch, StoredSession } from '../recovery/recovery-store.ts';
import type { Sought } from './fellows.ts';
import type { InterceptNews, InterceptReport } from './intercept-messages.ts';
import type { InstanceLook, LookWish } from './look.ts';
import type { PeerNews } from './peer-news.ts';

/** A packet that came to a socket of the chassis; its octets are its own. */
export interface CarriedPacket {
  readonly port: PortName;
  readonly channel: number;
  readonly peer: IpAddress;
  readonly peerPort: number;
  readonly bytes: Uint8Array;
  readonly at: Instant;
}

/** What the chassis wants of an instance and is answered. */
export interface Wishes {
  /** To have the sessions whose rows it was sent. */
  readonly adopt: undefined;
  /** To tell its sessions what has become of a peer. */
  readonly tell: PeerNews;
  readonly clear: MacAddress;
  readonly clearAll: undefined;
  readonly look: LookWish;
  /** To find the sessions that AAA means. */
  readonly seek: SessionIdentification;
  /** On a chassis of a pair, as of `InstanceOfPair`. */
  readonly commit: number;
  readonly readBack: undefined;
  readonly finish: undefined;
}

export interface Answers {
  readonly adopt: { readonly adopted: number; readonly refused: readonly (readonly [RowRefusal, number])[] };
  readonly tell: true;
  /** Whether there was a session. */
  readonly clear: boolean;
  /** How many sessions there are to clear. */
  readonly clearAll: number;
  readonly look: InstanceLook;
  readonly seek: Sought;
  readonly commit: {
    readonly refused: number;
    readonly beginsAnew: boolean;
    readonly recovered: Answers['adopt'] | undefined;
  };
  readonly readBack: number;
  readonly finish: StreamPosition | null;
}

export type WishName = keyof Wishes;

/** A question or command to an instance: its name, and what it is about. `Answers` has what comes back. */
export type Wish = {
  readonly [Name in WishName]: { readonly name: Name; readonly about: Wishes[Name] };
}[WishName];

/** From the chassis to a session manager instance. Whatever is sent can be cloned. */
export type ToInstance =
  | { readonly kind: 'packets'; readonly packets: readonly CarriedPacket[] }
  /** A peer has spoken to another instance. To the first one, which watches the peers. */
  | { readonly kind: 'heard'; readonly port: PortName; readonly peer: IpAddress }
  /** Of its sessions, before `adopt`. */
  | { readonly kind: 'rows'; readonly rows: readonly StoredSession[] }
  /** The ports are open. */
  | { readonly kind: 'start' }
  /** All instances have told their sessions. */
  | { readonly kind: 'settled'; readonly news: PeerNews }
  /** An identifier from before the number of instances was changed is in use, or is not any more. */
  | { readonly kind: 'stray'; readonly id: number; readonly isUsed: boolean }
  /** The store has taken a batch. */
  | { readonly kind: 'stored' }
  /** The store has lost everything. */
  | { readonly kind: 'emptied' }
  /** As of `SessionManager`. */
  | { readonly kind: 'reconfigure'; readonly config: SamogConfig }
  /** What every instance has found, by its place, of what this one has sought. */
  | { readonly kind: 'sought'; readonly number: number; readonly found: readonly Sought[] }
  /** On a chassis of a pair. */
  | { readonly kind: 'member'; readonly message: ToMember }
  /** Who is intercepted. */
  | { readonly kind: 'intercepts'; readonly news: InterceptNews }
  | { readonly kind: 'wish'; readonly number: number; readonly wish: Wish };

/** A `SamogEvent` that has been described. */
export type ToldEvent = Omit<SamogEvent, 'text' | 'message'> & {
  readonly text: string;
  readonly message?: EventMessage;
  readonly at: Instant;
};

/** An entry of the directory: `DirectoryEntries`. */
export type DirectoryEntry =
  | { readonly entry: 'named' | 'unnamed'; readonly nai: string }
  | { readonly entry: 'strayed' | 'returned'; readonly id: number }
  | { readonly entry: 'addressed' | 'unaddressed'; readonly peer: IpAddress; readonly address: Ipv4Address }
  | { readonly entry: 'cleared' };

/** From a session manager instance to its chassis. */
export type FromInstance =
  | { readonly kind: 'answer'; readonly number: number; readonly answer: Answers[WishName] }
  | { readonly kind: 'directory'; readonly entries: readonly DirectoryEntry[] }
  /** On a chassis of a pair, in this order. */
  | { readonly kind: 'member'; readonly said: readonly FromMember[] }
  | { readonly kind: 'spread'; readonly news: PeerNews }
  /** All instances are to say which sessions AAA means. */
  | { readonly kind: 'seek'; readonly number: number; readonly wanted: SessionIdentification }
  /** A packet is the business of the instance at this place. */
  | { readonly kind: 'passedOn'; readonly index: number; readonly packet: CarriedPacket }
  | { readonly kind: 'batch'; readonly batch: RecoveryBatch }
  | { readonly kind: 'intercepted'; readonly report: InterceptReport }
  /** `missed` of more were not described. */
  | { readonly kind: 'events'; readonly events: readonly ToldEvent[]; readonly missed: number };
