import type { ReplicationCounter } from '../../icsr/replication/counters.ts';
import type { ReceiverStatus } from '../../icsr/replication/replication-receiver.ts';
import type { SenderState, SenderStatus } from '../../icsr/replication/sender-config.ts';
import type { AuditResult, CheckpointStatistics, KindStatistics, KindView } from '../../icsr/replication/statistics.ts';
import { type LatencyCounts, mergedCounts } from '../../kernel/latency-histogram.ts';
import type { StreamLedger } from './stream-ledger.ts';

/** A stream of an instance: the active's end of it, or the standby's, or neither as long as there is no role. */
export interface StreamStatus {
  readonly sender?: SenderStatus;
  readonly receiver?: ReceiverStatus;
}

/** A session manager instance of a chassis of a pair, as it is seen from outside. */
export interface InstanceStatus {
  /** As its stream is numbered. */
  readonly instance: number;
  readonly stream: StreamStatus;
  /** Of its equal's sessions. */
  readonly records: number;
  readonly ledger: LedgerReader;
}

/** What is read of the ledgers of all streams, and told to them. */
export interface LedgerReader extends Pick<StreamLedger, 'counts' | 'setNackEnabled' | 'disabledNackCmdIds'> {
  readonly checkpoints: Pick<CheckpointStatistics, 'view'> & {
    readonly acknowledgementTimes: { counts(): LatencyCounts };
  };
}

/** The streams of all instances as if they were one: numbers are added, and what holds of all holds. Of one alone it is that one. */
export function mergedStreams(all: readonly StreamStatus[]): StreamStatus {
  if (all.length === 1) return all[0]!;
  const senders = all.flatMap(({ sender }) => sender ?? []);
  const receivers = all.flatMap(({ receiver }) => receiver ?? []);
  if (senders.length === all.length) return { sender: mergedSender(senders) };
  // An instance that has begun anew has no stream to the standby yet.
  if (senders.length > 0) {
    return { sender: { ...mergedSender(senders), state: 'disconnected', synchronised: false, dirty: true } };
  }
  if (receivers.length === 0) return {};
  const receiver = mergedReceiver(receivers);
  return { receiver: receivers.length === all.length ? receiver : { ...receiver, synchronised: false } };
}

/** From what is least to what is most. */
const senderStates: readonly SenderState[] = ['disconnected', 'connected', 'beginning', 'ready'];

function mergedSender(all: readonly SenderStatus[]): SenderStatus {
  const sum = summing(all);
  const resyncs: Record<string, number> = {};
  for (const status of all) {
    for (const [reason, count] of Object.entries(status.resyncs)) resyncs[reason] = (resyncs[reason] ?? 0) + count;
  }
  return {
    state: senderStates[Math.min(...all.map(({ state }) => senderStates.indexOf(state)))]!,
    epoch: Math.max(...all.map(({ epoch }) => epoch)),
    lastSequence: sum(({ lastSequence }) => lastSequence),
    acknowledgedSequence: sum(({ acknowledgedSequence }) => acknowledgedSequence),
    lagRecords: sum(({ lagRecords }) => lagRecords),
    lagMs: Math.max(...all.map(({ lagMs }) => lagMs)),
    backlogOctets: sum(({ backlogOctets }) => backlogOctets),
    synchronised: all.every(({ synchronised }) => synchronised),
    resynchronising: all.some(({ resynchronising }) => resynchronising),
    dirty: all.some(({ dirty }) => dirty),
    sessions: sum(({ sessions }) => sessions),
    unprotectedSessions: sum(({ unprotectedSessions }) => unprotectedSessions),
    waiting: sum(({ waiting }) => waiting),
    resyncs,
    continued: sum(({ continued }) => continued),
    retransmissions: sum(({ retransmissions }) => retransmissions),
    audits: sum(({ audits }) => audits),
    bucketsDiffered: sum(({ bucketsDiffered }) => bucketsDiffered),
    lastAudit: mergedAudit(all.map(({ lastAudit }) => lastAudit)),
    messagesIgnored: sum(({ messagesIgnored }) => messagesIgnored),
    disabledNackCmdIds: all[0]!.disabledNackCmdIds,
  };
}

function mergedReceiver(all: readonly ReceiverStatus[]): ReceiverStatus {
  const sum = summing(all);
  return {
    connected: all.every(({ connected }) => connected),
    epoch: Math.max(...all.map(({ epoch }) => epoch)),
    appliedSequence: sum(({ appliedSequence }) => appliedSequence),
    synchronised: all.every(({ synchronised }) => synchronised),
    resynchronising: all.some(({ resynchronising }) => resynchronising),
    sessions: sum(({ sessions }) => sessions),
    octets: sum(({ octets }) => octets),
    tombstones: sum(({ tombstones }) => tombstones),
    swept: sum(({ swept }) => swept),
    audits: sum(({ audits }) => audits),
    bucketsDiffered: sum(({ bucketsDiffered }) => bucketsDiffered),
    lastAudit: mergedAudit(all.map(({ lastAudit }) => lastAudit)),
    faults: {
      gaps: sum(({ faults }) => faults.gaps),
      duplicates: sum(({ faults }) => faults.duplicates),
      otherEpoch: sum(({ faults }) => faults.otherEpoch),
      digestsPassedOver: sum(({ faults }) => faults.digestsPassedOver),
    },
    disabledNackCmdIds: all[0]!.disabledNackCmdIds,
  };
}

/** Of the audits that came last: when the earliest of them was, and what differed in all. */
function mergedAudit(all: readonly (AuditResult | undefined)[]): AuditResult | undefined {
  const known = all.flatMap((audit) => audit ?? []);
  if (known.length < all.length) return undefined;
  return {
    at: Math.min(...known.map(({ at }) => at)),
    bucketsDiffered: known.reduce((sum, { bucketsDiffered }) => sum + bucketsDiffered, 0),
  };
}

/** The ledgers of all instances as one. */
export function mergedLedger(all: readonly LedgerReader[]): LedgerReader {
  if (all.length === 1) return all[0]!;
  return {
    counts() {
      const sum = all[0]!.counts();
      for (const ledger of all.slice(1)) {
        for (const [name, count] of Object.entries(ledger.counts())) sum[name as ReplicationCounter] += count;
      }
      return sum;
    },
    setNackEnabled(cmdId, enabled) {
      for (const ledger of all) ledger.setNackEnabled(cmdId, enabled);
    },
    disabledNackCmdIds: () => all[0]!.disabledNackCmdIds(),
    checkpoints: {
      view: () => mergedKinds(all.map(({ checkpoints }) => checkpoints.view())),
      acknowledgementTimes: {
        counts: () => mergedCounts(all.map(({ checkpoints }) => checkpoints.acknowledgementTimes.counts())),
      },
    },
  };
}

function mergedKinds(all: readonly (readonly KindView[])[]): KindView[] {
  const kinds = new Map<string, KindView>();
  for (const kind of all.flat()) {
    const key = `${kind.cmdId}/${kind.nameIndex}`;
    const known = kinds.get(key);
    kinds.set(key, known === undefined ? kind : added(known, kind));
  }
  return [...kinds.values()].sort((left, right) => left.cmdId - right.cmdId || left.nameIndex - right.nameIndex);
}

function added(left: KindView, right: KindView): KindView {
  const { cmdId, nameIndex, name, ...columns } = left;
  const sums = Object.entries(columns).map(([column, count]) => [
    column,
    count + right[column as keyof KindStatistics],
  ]);
  return { ...left, ...Object.fromEntries(sums) };
}

function summing<Status>(all: readonly Status[]): (of: (status: Status) => number) => number {
  return (of) => all.reduce((total, status) => total + of(status), 0);
}
