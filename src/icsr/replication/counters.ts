import type { ReplicationReceiver } from './replication-receiver.ts';
import type { ReplicationSender } from './replication-sender.ts';

/** What is counted of the streams beside the checkpoints themselves (`CheckpointStatistics`). */
export const replicationCounters = [
  'stream.continued',
  'stream.retransmitted',
  'stream.ignored',
  'stream.gap',
  'stream.duplicate',
  'stream.other-epoch',
  'resynchronisation.other',
  'resynchronisation.first-connection',
  'resynchronisation.backlog-overrun',
  'resynchronisation.epoch-unknown',
  'resynchronisation.audit',
  'resynchronisation.requested',
  'audit.answered',
  'audit.compared',
  'audit.passed-over',
  'audit.buckets-differed',
  'audit.swept',
  'nack.answered',
  'nack.deferred',
  'nack.suppressed',
  'nack.not-answered',
  'commit.acknowledged',
  'commit.timeout',
  'commit.disconnected',
] as const;

export type ReplicationCounter = (typeof replicationCounters)[number];
export type ReplicationCounts = Readonly<Partial<Record<ReplicationCounter, number>>>;

/** What the active's end of a stream has counted. */
export function senderCounts(sender: ReplicationSender): ReplicationCounts {
  // Counts do not depend on the time.
  const { continued, retransmissions, messagesIgnored, audits, bucketsDiffered, resyncs } = sender.status(0);
  const nacks = sender.nackCounts();
  const commits = sender.commitCounts();
  return {
    'stream.continued': continued,
    'stream.retransmitted': retransmissions,
    'stream.ignored': messagesIgnored,
    ...Object.fromEntries(Object.entries(resyncs).map(([reason, count]) => [`resynchronisation.${reason}`, count])),
    'audit.answered': audits,
    'audit.buckets-differed': bucketsDiffered,
    'nack.answered': nacks.send,
    'nack.deferred': nacks.deferred,
    'nack.suppressed': nacks.suppressed,
    'nack.not-answered': nacks.disabled,
    'commit.acknowledged': commits.acknowledged,
    'commit.timeout': commits.timeout,
    'commit.disconnected': commits.disconnected,
  };
}

/** What the standby's end of a stream has counted. */
export function receiverCounts(receiver: ReplicationReceiver): ReplicationCounts {
  const { audits, bucketsDiffered, swept, faults } = receiver.status();
  return {
    'stream.gap': faults.gaps,
    'stream.duplicate': faults.duplicates,
    'stream.other-epoch': faults.otherEpoch,
    'audit.compared': audits,
    'audit.passed-over': faults.digestsPassedOver,
    'audit.buckets-differed': bucketsDiffered,
    'audit.swept': swept,
  };
}
