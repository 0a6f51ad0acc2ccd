import type { ChassisEffect } from '../../icsr/chassis/effect.ts';
import type { ChassisEvent } from '../../icsr/chassis/event.ts';
import type { ChassisOptions } from '../../icsr/chassis/options.ts';
import { callRecoveryDefaults } from '../../icsr/replication/call-recovery-records.ts';
import { type SenderConfig, senderDefaults } from '../../icsr/replication/sender-config.ts';
import type { Digests, RandomSource } from '../../kernel/context.ts';
import type { WallClock } from '../../kernel/instant.ts';
import type { PacketOutput } from '../../kernel/port.ts';
import type { SamogConfig } from '../../services/samog/config.ts';
import type { EventSink } from '../../services/samog/events.ts';
import type { SrpCompression, SrpDigests } from '../../wire/srp/digests.ts';
import type { CompressionName } from '../../wire/srp/names.ts';

/** How sessions are replicated, as active and as standby. Times in milliseconds. */
export interface ReplicationOptions extends SenderConfig {
  /** A reply that promises something waits no longer for the standby. */
  readonly commitLimitMs: number;
  /** What a UE has used is told so often, if it has changed. */
  readonly statisticsIntervalMs: number;
  /** Records that a standby keeps. */
  readonly recordsMax: number;
}

export const replicationDefaults: Omit<ReplicationOptions, 'instance'> = {
  ...senderDefaults,
  commitLimitMs: 50,
  statisticsIntervalMs: 1000,
  recordsMax: callRecoveryDefaults.recordsMax,
};

/** Which chassis this is, and how it knows its peer. */
export interface LinkOptions {
  readonly chassisId: string;
  /** The only chassis that is accepted; undefined before a first peer is known. */
  readonly peerChassisId: string | undefined;
  readonly sharedKey: Uint8Array;
  readonly compressions: ReadonlyMap<Exclude<CompressionName, 'unknown'>, SrpCompression>;
}

export interface ChassisOfPairOptions {
  readonly chassis: ChassisOptions;
  readonly link: LinkOptions;
  readonly replication: ReplicationOptions;
  readonly samog: SamogConfig;
  /** Of the canonical configuration. */
  readonly configurationDigest: Uint8Array;
  /** The Restart Counter of RFC 5847: the pair's, the same on both chassis. */
  readonly restartCounter: number;
  /** The last one that `storeTerm` was given; 0 on the first start. */
  readonly storedTerm: number;
}

/** The connection to the peer as the host has it. */
export interface PeerChannel {
  /** The octets are not changed afterwards. */
  send(octets: Uint8Array): void;
  /** Ends the connection; nothing more comes from it. */
  close(reason: string): void;
}

/** What an operator is to see. */
export type Notice = Extract<ChassisEffect, { kind: 'raiseAlarm' | 'clearAlarm' | 'report' }>;

export interface ChassisOfPairDependencies {
  /** Toward the network. */
  readonly output: PacketOutput;
  readonly link: PeerChannel;
  readonly digests: Digests;
  readonly srpDigests: SrpDigests;
  readonly random: RandomSource;
  readonly wallClock: () => WallClock;
  /** Stores the term durably before it returns. */
  storeTerm(term: number): void;
  /** Takes the service addresses and tells the neighbours. */
  announce(): void;
  /** Gives the service addresses up. */
  withdraw(): void;
  readonly report?: EventSink;
  readonly notice?: (notice: Notice) => void;
}

/** What an operator, a monitor or the comparison of configurations has to say to a chassis. */
export type ChassisCommand = Extract<
  ChassisEvent,
  { kind: 'switchoverRequested' | 'aaaFlagReset' | 'monitorChanged' | 'configurationCompared' }
>;
