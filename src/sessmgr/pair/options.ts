import type { Accelerator } from '../../forwarding/accelerator.ts';
import type { ChassisEffect } from '../../icsr/chassis/effect.ts';
import type { ChassisEvent } from '../../icsr/chassis/event.ts';
import type { PeerHello } from '../../icsr/chassis/hello.ts';
import type { ChassisOptions } from '../../icsr/chassis/options.ts';
import type { StoreStanding } from '../../icsr/chassis/store-standing.ts';
import type { ComparableConfiguration } from '../../icsr/configuration/exchange.ts';
import { callRecoveryDefaults } from '../../icsr/replication/call-recovery-records.ts';
import { type SenderConfig, senderDefaults } from '../../icsr/replication/sender-config.ts';
import type { Digests, RandomSource, Seal } from '../../kernel/context.ts';
import type { Instant, WallClock } from '../../kernel/instant.ts';
import type { PacketOutput } from '../../kernel/port.ts';
import type { SamogConfig } from '../../services/samog/config.ts';
import type { EventSink } from '../../services/samog/events.ts';
import type { SrpMessage } from '../../wire/srp/messages.ts';
import type { Intercepts } from '../intercepts.ts';
import type { SessionManager } from '../session-manager.ts';
import type { SessionObserver } from '../session-observer.ts';

/** How sessions are replicated, as active and as standby. Times in milliseconds. */
export interface ReplicationOptions extends SenderConfig {
  /** A reply that promises something waits no longer for the standby. */
  readonly commitLimitMs: number;
  /** What a UE has used is told so often, if it has changed. */
  readonly statisticsIntervalMs: number;
  /** Records that a standby keeps. */
  readonly recordsMax: number;
  readonly waking: WakingOptions;
}

/** How sessions are made of records that are kept as they came. */
export interface WakingOptions {
  /** So many in one go, with everybody else's packets in between, and a go so often: the rest of the time is everybody else's. */
  readonly slice: number;
  readonly gapMs: number;
  /** A promotion makes fewer than so many at once, and leaves more of them as they are until they are needed. */
  readonly atOnceMax: number;
}

export const replicationDefaults: Omit<ReplicationOptions, 'instance'> = {
  ...senderDefaults,
  commitLimitMs: 50,
  statisticsIntervalMs: 1000,
  recordsMax: callRecoveryDefaults.recordsMax,
  // A slice is about a millisecond of work: 25,000 sessions a second in half of a processor.
  waking: { slice: 50, gapMs: 2, atOnceMax: 1000 },
};

export interface ChassisOfPairOptions {
  readonly chassis: ChassisOptions;
  readonly replication: ReplicationOptions;
  readonly samog: SamogConfig;
  /** How many session manager instances there are, on both chassis; 1 if absent. `replication.instance` is the first one's number. */
  readonly instances?: number;
  /** Of the canonical configuration. */
  readonly configurationDigest: Uint8Array;
  /** The lines that the digest is of (see `ConfigurationExchange`), and how often they are compared; without them nothing is. */
  readonly configuration?: Omit<ComparableConfiguration, 'digest'> & { readonly intervalMs: number };
  /** The Restart Counter of RFC 5847 until the peer, or what is recovered, tells the pair's. */
  readonly restartCounter: number;
  /** The last one that `storeTerm` was given; 0 on the first start. */
  readonly storedTerm: number;
  /** `Chassis.store` of its last process; absent on the first start. */
  readonly store?: StoreStanding | undefined;
}

/**
 * What a chassis says to its peer. What is said while there is no authenticated connection is dropped; none of these may
 * call back.
 */
export interface PeerChannel {
  /** Under the sender's term. What the message holds is not changed afterwards. */
  send(term: number, message: SrpMessage): void;
  /** At each change and every hello interval; who repeats it meanwhile numbers it and sets its clock. */
  sendHello(hello: PeerHello): void;
  /** Ends the connection; nothing more comes from it, not even its end. */
  close(reason: string): void;
}

/** What an operator is to see. */
export type Notice = Extract<ChassisEffect, { kind: 'raiseAlarm' | 'clearAlarm' | 'report' }>;

export interface ChassisOfPairDependencies {
  /** Toward the network. */
  readonly output: PacketOutput;
  /** What forwards beside the slow path, for each instance; without it nothing does. It forwards from `announce` on. */
  readonly accelerators?: ((index: number) => Accelerator | undefined) | undefined;
  readonly link: PeerChannel;
  readonly digests: Digests;
  readonly random: RandomSource;
  /** With a key that both chassis have. */
  readonly seal?: Seal;
  readonly wallClock: () => WallClock;
  /** Whose sessions are intercepted, for each instance; without it none are. */
  readonly interceptsOf?: ((index: number) => Intercepts | undefined) | undefined;
  /** Stores the term durably before it returns. */
  storeTerm(term: number): void;
  /** Takes the service addresses and tells the neighbours. */
  announce(): void;
  /** Gives the service addresses up. */
  withdraw(): void;
  /** Keeps still, addresses and all, until `announce` or `withdraw`: the peer may have taken over. */
  hold?(): void;
  /**
   * Gives a session manager that is about to serve, and for which nobody has sent records, what this chassis has kept
   * itself; called once for each instance, before the role is announced.
   * @param index which instance, from 0
   */
  recover?(manager: SessionManager, now: Instant, index: number): void;
  /** Told of every change of the sessions, whether this chassis serves them or follows the peer's. */
  readonly observer?: SessionObserver;
  readonly report?: EventSink;
  readonly notice?: (notice: Notice) => void;
}

/** What an operator or a monitor has to say to a chassis. */
export type ChassisCommand = Extract<
  ChassisEvent,
  { kind: 'switchoverRequested' | 'aaaFlagReset' | 'aloneRequested' | 'monitorChanged' }
>;
