import type { ResyncReason } from '../../wire/srp/names.ts';
import type { CheckpointAddress } from '../catalogue/entry.ts';
import { type NackBudgetConfig, nackBudgetDefaults } from './nack-budget.ts';
import type { SenderMessage } from './replication-receiver.ts';
import type { AuditResult, CheckpointStatistics } from './statistics.ts';

const minuteMs = 60_000;

/** How a stream is sent. */
export interface SenderConfig {
  readonly instance: number;
  /**
   * A batch leaves at the end of the turn while fewer than `batchesInFlight` are not acknowledged, and in the middle of it as soon as an
   * event is told whole and there are `awaitedRecords` that may not wait; otherwise when it has so many records or octets, when one
   * is, or when its oldest record is `batchDelayMs` old.
   */
  readonly batchesInFlight: number;
  readonly awaitedRecords: number;
  readonly batchRecords: number;
  readonly batchOctets: number;
  readonly batchDelayMs: number;
  /** Bounds of what is kept until it is acknowledged. */
  readonly backlogRecords: number;
  readonly backlogOctets: number;
  /** Without an acknowledgement all is sent again after this time, which doubles up to the second. */
  readonly retransmitMs: number;
  readonly retransmitMaxMs: number;
  /**
   * A resynchronisation adds so many full checkpoints each tick, and none while `bulkWindow` records are unacknowledged.
   * A live record waits behind the window, at 5 us for each of it: 15 ms.
   */
  readonly bulkRecords: number;
  readonly bulkTickMs: number;
  readonly bulkWindow: number;
  /** Each session is sent whole again once in this time: 30..1440 minutes. */
  readonly fullCheckpointIntervalMs: number;
  readonly instanceLevelIntervalMs: number;
  readonly auditIntervalMs: number;
  /** A younger session is not sent. */
  readonly minimumCallAgeMs: number;
  /** Buckets of the digests: the same on both chassis. */
  readonly buckets: number;
  readonly nacks: NackBudgetConfig;
}

export const senderDefaults: Omit<SenderConfig, 'instance'> = {
  batchesInFlight: 4,
  awaitedRecords: 16,
  batchRecords: 1024,
  batchOctets: 2 ** 19,
  batchDelayMs: 4,
  backlogRecords: 2 ** 18,
  backlogOctets: 2 ** 26,
  retransmitMs: 1000,
  retransmitMaxMs: 30_000,
  bulkRecords: 512,
  bulkTickMs: 1,
  bulkWindow: 3072,
  fullCheckpointIntervalMs: 45 * minuteMs,
  instanceLevelIntervalMs: 30 * minuteMs,
  auditIntervalMs: minuteMs,
  minimumCallAgeMs: 0,
  buckets: 1024,
  nacks: nackBudgetDefaults,
};

export interface InstanceRecord {
  readonly address: CheckpointAddress;
  readonly payload: Uint8Array;
}

/** The service on the active, asked for what it has. */
export interface CheckpointSource {
  /** The session as it is now, with everything that any checkpoint of it has said; undefined if it is no more. */
  encode(callId: number): { readonly payload: Uint8Array; readonly revision: number } | undefined;
  /** At READY_STATE and after a refusal: the identifier maps and the instance level; periodically: the instance level. */
  instanceRecords(occasion: 'ready' | 'periodic'): Iterable<InstanceRecord>;
}

export interface SenderDependencies {
  readonly source: CheckpointSource;
  /** May not call back into the sender. The message's records and payloads are not changed later. */
  readonly send: (message: SenderMessage) => void;
  /** Where checkpoints are counted; without it the sender has statistics of its own. */
  readonly statistics?: CheckpointStatistics | undefined;
}

/**
 * - `disconnected`
 * - `connected`: waits for the receiver to name what it has
 * - `beginning`: an epoch has been announced, and not been acknowledged; nothing else flows
 * - `ready`: READY_STATE, records flow
 */
export type SenderState = 'disconnected' | 'connected' | 'beginning' | 'ready';

export interface SenderStatus {
  readonly state: SenderState;
  readonly epoch: number;
  readonly lastSequence: number;
  readonly acknowledgedSequence: number;
  /** Records that are not acknowledged, and the age of the oldest. */
  readonly lagRecords: number;
  readonly lagMs: number;
  readonly backlogOctets: number;
  /** Every session has been acknowledged once since the epoch began. */
  readonly synchronised: boolean;
  readonly resynchronising: boolean;
  /** The standby is known, or has to be feared, to differ from this chassis beyond what the backlog will repair. */
  readonly dirty: boolean;
  readonly sessions: number;
  /** Sessions of which more was promised than the standby has acknowledged. */
  readonly unprotectedSessions: number;
  readonly waiting: number;
  readonly resyncs: Readonly<Partial<Record<ResyncReason, number>>>;
  readonly continued: number;
  readonly retransmissions: number;
  readonly audits: number;
  readonly bucketsDiffered: number;
  readonly lastAudit: AuditResult | undefined;
  readonly messagesIgnored: number;
  readonly disabledNackCmdIds: readonly number[];
}
