import type { AccessPath, S2aPath, UeAddress } from '../../../forwarding/entry.ts';
import type { IpAddress, MacAddress } from '../../../kernel/address.ts';
import type { Instant } from '../../../kernel/instant.ts';
import type { Account, Counted } from '../accounting/account.ts';
import type { WlcIdentity } from '../accounting/wlc-record.ts';
import type { AnsweredRequest } from '../answered-request.ts';
import type { AcceptReply, OutstandingChallenge, RadiusAttachment } from '../attachment.ts';
import type { Grants } from '../grants.ts';
import type { EndReason, HandoffKind } from '../statistics.ts';
import type { Subscriber, SubscriberProfile } from '../subscriber.ts';
import type { Trigger } from '../trigger.ts';

/**
 * The session of one UE.
 *
 *                       trigger                accepted              PBA
 *     (none) ─────────▶ Authenticating ─────▶ Binding ─────▶ Established ◀──────────┐
 *                           │ reject, timeout   │ denied        │  │  │   any trigger │
 *                           ▼                   ▼               │  │  └─▶ Released ───┤  DHCP RELEASE, grace
 *                         (none) ◀──────────────┘               │  └────▶ Deregistered┘  lifetime 0, delay
 *                           ▲                                   │ timeout, revocation, operator …
 *                           ├──────────── Disconnecting ◀───────┘
 *                           └── Owing ◀───────┘ everybody told, but AAA
 *
 * A session that begins with an Access-Accept goes from Binding to Admitted, and from there to Established with its UE's
 * first PBU or DHCP message.
 *
 * A session is an immutable value. `durable` is what survives a switchover; `transient` is rebuilt by `resume`.
 */
export type Session = SetupSession | LiveSession | DisconnectingSession | OwingSession;

/** The state of a session; for a live one, the phase of its access. */
export type SessionStateName =
  | 'Authenticating'
  | 'Binding'
  | 'Admitted'
  | 'Established'
  | 'Released'
  | 'Deregistered'
  | 'Disconnecting'
  | 'Owing';

/** A handover trigger that waits until what the session is doing is done; counted as received, and in progress. */
export interface QueuedTrigger {
  readonly trigger: Trigger;
  /** The block it was counted in; undefined for a trigger that is not a handover. */
  readonly handoff: HandoffKind | undefined;
}

/** A session between its first trigger and its address. */
export interface SetupSession {
  readonly kind: 'Authenticating' | 'Binding';
  readonly id: number;
  readonly mac: MacAddress;
  /** The trigger that is answered when the session is up: the latest of those that came the same way. */
  readonly trigger: Trigger;
  readonly queued: QueuedTrigger | undefined;
  readonly startedAt: Instant;
  /** The second of the wall clock in which it began (32 bits): with `id` the name of its account. */
  readonly bornSecond: number;
  readonly giveUpAt: Instant;
  /** Present in Binding. */
  readonly anchor: SetupAnchor | undefined;
}

/** What is known of a session once its PBU has been sent to the LMA. */
export interface SetupAnchor {
  readonly subscriber: SubscriberProfile;
  readonly nai: string;
  readonly lma: IpAddress;
  readonly request: S2aRequest;
}

/** A PBU toward the LMA that is not yet acknowledged. A retransmission has a sequence number of its own (RFC 6275 11.8). */
export interface S2aRequest {
  readonly purpose: 'initial' | 'refresh' | 'deregistration';
  readonly firstSequence: number;
  readonly sequence: number;
  readonly attempt: number;
  readonly retryAt: Instant;
}

/** A session that has an address. What a standby must know of it is in `durable`. */
export interface LiveSession {
  readonly kind: 'Live';
  readonly durable: DurableSession;
  readonly transient: TransientSession;
}

/** What survives a switchover: the compiler's answer. Plain data; Instants travel as remaining time. */
export interface DurableSession extends Grants {
  readonly id: number;
  /** The second of the wall clock in which the session began (32 bits): with `id` the name of its account. */
  readonly bornSecond: number;
  readonly mac: MacAddress;
  /** The MN-Identifier toward the LMA. */
  readonly nai: string;
  /** The seed's session type: what moved or created the session last. */
  readonly sessionType: 'pmipv6' | 'dhcp' | 'accounting';
  readonly subscriber: Subscriber;
  readonly addresses: readonly UeAddress[];
  /** Undefined in Admitted, and only there. */
  readonly access: AccessPath | undefined;
  /** Whether the UE-MAC flow was installed at setup (seed, step 01). */
  readonly eogreFlow: boolean;
  readonly s2a: S2aBinding;
  /** The binding we hold for the MAG while the UE is attached by PMIPv6. */
  readonly binding: AccessBinding | undefined;
  /** The DHCP lease while the UE is attached by EoGRE. */
  readonly lease: Lease | undefined;
  readonly moves: MoveRecord;
  readonly cleanups: readonly Cleanup[];
  readonly phase: Phase;
  readonly createdAt: Instant;
  /** Session-Timeout's end, or `never`. */
  readonly expiresAt: Instant;
  /** What is owed to AAA's accounting; undefined before it begins, and where the gateway keeps none. */
  readonly account: Account | undefined;
  /** The latest change of what AAA grants; undefined where nothing has changed since the session was accepted. */
  readonly reauthorization: Reauthorization | undefined;
  /** The latest authentication at a WLC that speaks RADIUS; undefined for a UE that was authenticated by its MAC address. */
  readonly radius: RadiusAttachment | undefined;
  /** The Access-Accept that may be asked for again, for half a minute. */
  readonly reply: AcceptReply | undefined;
  /** AAA's question to the UE while it is authenticated again. */
  readonly challenge: OutstandingChallenge | undefined;
  /** What the WLC where the UE is says of the session in its accounting; undefined where none does. */
  readonly wlc: WlcAccount | undefined;
  /** A WLC has stopped the session: another one may start it until then, or it ends. */
  readonly handoff: Handoff | undefined;
}

/** The accounting of a WLC or access point. Its counters are shown beside the data path's own, and change nothing else. */
export interface WlcAccount {
  /** By the address its requests come from. */
  readonly nas: IpAddress;
  readonly identity: WlcIdentity;
  readonly multiSessionId: string | undefined;
  /** The most that it has said. */
  readonly counted: Counted;
  readonly sessionSeconds: number;
  /** The latest request that the session has recorded: if it comes again, it is answered, and has no effect. */
  readonly answered: AnsweredRequest;
}

/** Its WLC has stopped the session, and another one may go on with it until then. */
export interface Handoff {
  readonly until: Instant;
  /** Acct-Terminate-Cause of the WLC. */
  readonly cause: number;
}

/** Changes of what the subscriber may do, since the session began. */
export interface Reauthorization {
  /** How many changes there were. */
  readonly revision: number;
  /** The CoA-Request that brought the latest; undefined where AAA was asked. */
  readonly answered: AnsweredRequest | undefined;
}

/** Where the access of a live session is; `until` is when the phase ends by itself. */
export type Phase =
  /** Authenticated and bound; its first PBU or DHCP message has to come until then. */
  | { readonly kind: 'Admitted'; readonly until: Instant }
  | { readonly kind: 'Established' }
  /** The UE released its address; it stays the UE's until then. */
  | { readonly kind: 'Released'; readonly until: Instant }
  /** The current MAG deregistered the UE; RFC 5213's MinDelayBeforeBCEDelete runs until then. */
  | { readonly kind: 'Deregistered'; readonly until: Instant };

/** The binding at the LMA: the tunnel, and when it has to be refreshed (RFC 5213 section 6.9.1). */
export interface S2aBinding extends S2aPath {
  readonly sequence: number;
  readonly lifetimeSeconds: number;
  readonly refreshAt: Instant;
  readonly expiresAt: Instant;
}

/** A binding cache entry of the LMA role (RFC 5213 section 5.1). */
export interface AccessBinding {
  readonly mag: IpAddress;
  readonly magPort: number;
  /** The NAI as the MAG wrote it: what it must see in a revocation. */
  readonly nai: string;
  readonly sequence: number;
  readonly timestamp: number | undefined;
  readonly lifetimeSeconds: number;
  readonly expiresAt: Instant;
}

/** The UE's lease by DHCP: one that was offered waits for its REQUEST. */
export interface Lease {
  readonly state: 'offered' | 'bound';
  readonly expiresAt: Instant;
  /** Option 82 of the latest message that had one: where the RG says the UE is (RFC 3046). */
  readonly relayInformation: Uint8Array | undefined;
}

/** What is remembered of moves, for the guard time, the rate limit and the ordering of PBUs across MAGs. */
export interface MoveRecord {
  readonly previous: AccessPath | undefined;
  readonly previousUntil: Instant;
  readonly count: number;
  readonly dataWindowStart: Instant;
  readonly dataSwitches: number;
  /** The highest PBU timestamp accepted from any MAG (RFC 5213 section 5.5). */
  readonly lastTimestamp: number | undefined;
}

/** Of a session that has not moved. */
export const noMoves: MoveRecord = {
  previous: undefined,
  previousUntil: 0,
  count: 0,
  dataWindowStart: Number.NEGATIVE_INFINITY,
  dataSwitches: 0,
  lastTimestamp: undefined,
};

/** The revocation of a binding at a MAG the UE has left (RFC 5846). The session does not depend on its answer. */
export interface Cleanup {
  readonly mag: IpAddress;
  readonly magPort: number;
  readonly nai: string;
  readonly trigger: number;
  readonly sequence: number;
  /** How often the BRI was sent. */
  readonly attempt: number;
  readonly nextAt: Instant;
}

/** What is lost with a chassis and rebuilt by `resume`. */
export interface TransientSession {
  readonly request: S2aRequest | undefined;
  /** Idle-Timeout: when to look next, and the packets counted when we last looked. */
  readonly idleCheckAt: Instant;
  readonly idlePackets: number;
  /** AAA has been asked what the subscriber may do, and has not answered yet. */
  readonly isReauthorizing: boolean;
}

/** A NAS that speaks RADIUS and has to be told that a session is over. */
export interface UntoldNas {
  readonly attachment: RadiusAttachment;
  /** Until when: then it has the UE by its own timers. */
  readonly until: Instant;
}

/** A session that serves its UE no more, until the LMA, the MAGs and a NAS have been told. */
export interface DisconnectingSession {
  readonly kind: 'Disconnecting';
  readonly id: number;
  readonly bornSecond: number;
  readonly mac: MacAddress;
  readonly nai: string;
  readonly reason: EndReason;
  readonly s2a: S2aBinding;
  readonly request: S2aRequest | undefined;
  readonly cleanups: readonly Cleanup[];
  readonly nas: UntoldNas | undefined;
  /** This chassis is telling the NAS: another one begins anew. */
  readonly isTellingNas: boolean;
  readonly queued: QueuedTrigger | undefined;
  /** Closed: its STOP is owed, or was. */
  readonly account: Account | undefined;
}

/**
 * A session of which nothing is left but what it owes to AAA's accounting. Its MAC address and its UE address are free: the
 * UE may have another session.
 */
export interface OwingSession {
  readonly kind: 'Owing';
  readonly id: number;
  readonly bornSecond: number;
  readonly mac: MacAddress;
  readonly account: Account;
}

/** The state as operators see it: of a live session its phase. */
export function stateName(session: Session): SessionStateName {
  return session.kind === 'Live' ? session.durable.phase.kind : session.kind;
}

/** The session's identifier, an unsigned number of 32 bits; it stays for as long as the session. */
export function sessionId(session: Session): number {
  return session.kind === 'Live' ? session.durable.id : session.id;
}

/** The UE's MAC address, by which its session is found. */
export function sessionMac(session: Session): MacAddress {
  return session.kind === 'Live' ? session.durable.mac : session.mac;
}
