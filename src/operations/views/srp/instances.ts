import type { RedundancyReader } from '../redundancy-reader.ts';

/** A session manager instance and its stream. */
export interface InstanceRow {
  readonly instance: number;
  readonly state: 'Active-Connected' | 'Active' | 'Standby-Connected' | 'Standby' | 'Pending-Active' | 'Init';
  /** `Ready`: the equal on the peer holds, or this one has, all there is. */
  readonly peerConnection: 'Ready' | 'Connected' | 'Not Connected';
  readonly calls: number;
  readonly records: number;
  readonly unprotected: number;
  readonly epoch: number;
  /** As the active: the last that was sent and the last that is acknowledged; as the standby: the last applied. */
  readonly sequence: number;
  readonly acknowledged: number | null;
  readonly lagRecords: number | null;
  readonly lagMs: number | null;
}

/** A chassis has one session manager today; it is its number 1. */
export function instanceRows({ pair }: RedundancyReader, sessions: number, now: number): InstanceRow[] {
  const { sender, receiver } = pair.replication(now);
  const { kind } = pair.chassis.state;
  const common = { instance: 1, records: pair.records };
  if (sender !== undefined) {
    const connected = sender.state !== 'disconnected';
    return [
      {
        ...common,
        state: kind === 'PENDING_ACTIVE' ? 'Pending-Active' : connected ? 'Active-Connected' : 'Active',
        peerConnection:
          sender.state === 'ready' && sender.synchronised ? 'Ready' : connected ? 'Connected' : 'Not Connected',
        calls: sessions,
        unprotected: sender.unprotectedSessions,
        epoch: sender.epoch,
        sequence: sender.lastSequence,
        acknowledged: sender.acknowledgedSequence,
        lagRecords: sender.lagRecords,
        lagMs: Math.round(sender.lagMs),
      },
    ];
  }
  const connected = receiver?.connected === true;
  return [
    {
      ...common,
      state: receiver === undefined ? 'Init' : connected ? 'Standby-Connected' : 'Standby',
      peerConnection: connected && receiver.synchronised ? 'Ready' : connected ? 'Connected' : 'Not Connected',
      calls: 0,
      unprotected: 0,
      epoch: receiver?.epoch ?? 0,
      sequence: receiver?.appliedSequence ?? 0,
      acknowledged: null,
      lagRecords: null,
      lagMs: null,
    },
  ];
}
