import type { Instant, WallClock } from '../../kernel/instant.ts';
import type { ChassisState as ChassisStateName, SwitchoverReason } from '../../wire/srp/names.ts';
import type { Alarm } from './alarm.ts';
import type { PeerHello } from './hello.ts';
import type { Lineage } from './lineage.ts';
import type { StoreStanding } from './store-standing.ts';

/**
 * One chassis of the pair.
 *
 *              hello: peer serves, or wins        first synchronisation
 *     INIT ──────────────────────▶ PENDING_STANDBY ─────────────────▶ STANDBY
 *       │ peer dead, or loses        │   ▲    ▲  ▲ fenced                │ peer dead, restarted
 *       ▼                            │   │    │  └───────────────────────┤ or hands over
 *     PENDING_ACTIVE ◀───────────────┘   │    │ switchover, fenced       ▼
 *       │   └────────────────────────────┘  ACTIVE ◀──────────── PENDING_ACTIVE
 *       └─────────────────────────────────────▶        promoted
 *
 * An immutable value; docs/redundancy.md has the table, docs/state-machines/chassis.md what the machine does.
 */
export interface Chassis {
  readonly state: ChassisState;
  readonly term: Terms;
  /**
   * The line of sessions that this chassis holds whole: as the one that serves or hands over its own, as a READY standby
   * that of its peer's; undefined in every other state.
   */
  readonly lineage: Lineage | undefined;
  /**
   * The line of which it has records, whole or not, where it does not hold that line: what a chassis keeps that has given
   * the role away or is being filled. It is more than a peer has that has begun anew.
   */
  readonly remnant: Lineage | undefined;
  /** What the sessions on its own disk are worth. */
  readonly store: StoreStanding;
  /** Above the threshold: the initial value of a chassis that has not served yet. Lower wins. */
  readonly routeModifier: number;
  readonly peer: Peer;
  readonly synchronisation: Synchronisation;
  readonly monitors: readonly Monitor[];
  /** A switchover by the AAA probe does not revert: while set, the AAA probe causes no switchover. */
  readonly aaaLatched: boolean;
  /** When this chassis last took or gave away the role; undefined if never. */
  readonly lastSwitchoverAt: Instant | undefined;
  readonly helloDueAt: Instant;
  readonly configuration: ConfigurationComparison | undefined;
  readonly alarms: readonly Alarm[];
  /** The latest transitions, oldest first; bounded. */
  readonly history: readonly TransitionRecord[];
}

export type ChassisState =
  | InitState
  | FillingState
  | HandingOverState
  | StandbyState
  | PendingActiveState
  | ActiveState;

/** Why the chassis came into its state. */
export type TransitionReason =
  | 'started'
  | 'peer-active'
  | 'arbitration-won'
  | 'arbitration-lost'
  | 'no-peer'
  | 'synchronised'
  | 'synchronisation-slow'
  | 'handed-over'
  | 'peer-hands-over'
  | 'peer-did-not-take-over'
  | 'peer-refused'
  | 'dead-interval'
  | 'peer-restarted'
  | 'promotion-slow'
  | 'promotion-failed'
  | 'fenced'
  | 'dual-active'
  | 'other-lineage'
  | SwitchoverReason;

interface Entered {
  readonly since: Instant;
  readonly reason: TransitionReason;
}

/** Started; knows nothing of its peer yet. It leaves by a hello, or when the peer is taken for dead. */
export interface InitState extends Entered {
  readonly kind: 'INIT';
}

/** Does not serve, and takes the peer's records from the beginning. */
export interface FillingState extends Entered {
  readonly kind: 'PENDING_STANDBY';
  readonly purpose: 'filling';
  readonly deadline: Instant;
}

/** Has stopped serving and sends its last records; its sessions are as they were, so that it can come back. */
export interface HandingOverState extends Entered {
  readonly kind: 'PENDING_STANDBY';
  readonly purpose: 'handingOver';
  readonly cause: SwitchoverReason;
  readonly deadline: Instant;
}

/** Holds the peer's sessions, and takes over when it falls silent or hands over. */
export interface StandbyState extends Entered {
  readonly kind: 'STANDBY';
  /** The peer hands over, and its last records are awaited. */
  readonly takingOver: { readonly cause: SwitchoverReason; readonly deadline: Instant } | undefined;
  /** When the peer's last records came; they travel beside the hello, and may overtake it. */
  readonly barrierAt: Instant | undefined;
}

/** The steps of a promotion, in order (docs/redundancy.md, "Promotion, in this order"). */
export const promotionStages = ['fence', 'commit', 'program', 'readBack', 'announce', 'serve'] as const;
export type PromotionStage = (typeof promotionStages)[number];

/** Takes the role: the stages of a promotion, one after another. */
export interface PendingActiveState extends Entered {
  readonly kind: 'PENDING_ACTIVE';
  readonly stage: PromotionStage;
  readonly deadline: Instant;
}

/** Serves. */
export interface ActiveState extends Entered {
  readonly kind: 'ACTIVE';
  /** The stage that still runs, when the promotion was cut short by its limit. */
  readonly unfinished: PromotionStage | undefined;
  /** After a stall in which the peer may have taken over: nothing is sent until then. */
  readonly heldUntil: Instant | undefined;
  /** When the monitors were last looked at for a cause of switchover. */
  readonly causesSeenAt: Instant;
}

/** Numbers of servings: at most one chassis serves under each. */
export interface Terms {
  /** The one this chassis last served under; 0 if never. */
  readonly own: number;
  /** The highest ever heard or taken, as stored. In a serving state it is `own`. */
  readonly highest: number;
}

/** What is known of the peer, by the connection and by its hellos. */
export interface Peer {
  readonly link: PeerLink;
  readonly hello: PeerHello | undefined;
  readonly heardAt: Instant | undefined;
  /** The dead interval counts from here: the last hello, later by what this process has been stalled. */
  readonly silentFrom: Instant;
  /** The dead interval is over; set once, until the next hello. */
  readonly silent: boolean;
  /** The peer's wall clock less ours when its last hello was heard, in milliseconds. */
  readonly clockSkewMs: number;
}

export type PeerLink =
  | { readonly kind: 'down'; readonly since: Instant; readonly reason: string }
  | {
      readonly kind: 'up';
      readonly since: Instant;
      readonly authenticated: boolean;
      /** The version both can speak; undefined if there is none. */
      readonly version: number | undefined;
    };

/** How far the instances of both chassis are with the sessions' records. */
export interface Synchronisation {
  /** As a standby: every instance has finished its first synchronisation and its stream has caught up. */
  readonly ready: boolean;
  /** As the active: how many instances are connected to a caught-up equal on the peer. */
  readonly peerInstancesReady: number;
  readonly instances: number;
}

/**
 * - `bfd` watches the peer chassis: while it is healthy the peer is not taken for dead, whatever the hellos say.
 * - `service-ports` watches whether the sockets of the service addresses are open. What is missing is missing here alone: it is no
 *   sign that this chassis is cut off.
 * - the others watch what the chassis needs to serve, and their failure is a cause of switchover.
 */
export type MonitorKind = 'aaa-probe' | 'peer-reachability' | 'bgp' | 'bfd' | 'service-ports';

/** One of the monitors, and since when it is as it is. */
export interface Monitor {
  readonly name: string;
  readonly kind: MonitorKind;
  readonly healthy: boolean;
  readonly since: Instant;
}

export interface ConfigurationComparison {
  readonly equal: boolean;
  /** The lines that differ, as shown to the operator. */
  readonly differences: readonly string[];
  readonly at: Instant;
}

export interface TransitionRecord {
  readonly from: ChassisStateName;
  readonly to: ChassisStateName;
  readonly reason: TransitionReason;
  readonly term: number;
  readonly wallClock: WallClock;
}

/** How many transitions the history keeps. */
export const historyMax = 32;

/** Whether the chassis serves or is about to: no two may under one term. */
export function holdsTerm(state: ChassisState): state is PendingActiveState | ActiveState {
  return state.kind === 'PENDING_ACTIVE' || state.kind === 'ACTIVE';
}

/** Whether the chassis has stopped serving for its peer to take over, and may come back. */
export function isHandingOver(state: ChassisState): state is HandingOverState {
  return state.kind === 'PENDING_STANDBY' && state.purpose === 'handingOver';
}

/** Whether nothing says that this chassis is cut off from the others. */
export function isReached(chassis: Chassis): boolean {
  return chassis.monitors.every(({ healthy, kind }) => healthy || kind === 'bfd' || kind === 'service-ports');
}

/** Whether all the monitors that watch what the chassis needs are healthy. */
export function monitorsHealthy(chassis: Chassis): boolean {
  return chassis.monitors.every((monitor) => monitor.healthy || monitor.kind === 'bfd');
}
