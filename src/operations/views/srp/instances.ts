import type { ManagerReader } from '../../../sessmgr/manager-reader.ts';
import type { InstanceStatus } from '../../../sessmgr/pair/merged-streams.ts';
import type { ChassisState } from '../../../wire/srp/names.ts';
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

/** Each session manager instance of a chassis of a pair; the calls of `managers` that are in their order. */
export function instanceRows(
  { pair }: RedundancyReader,
  managers: readonly Pick<ManagerReader, 'registry'>[],
  now: number,
): InstanceRow[] {
  const { kind } = pair.chassis.state;
  return pair.perInstance(now).map((status, index) => rowOf(status, managers[index]?.registry.size ?? 0, kind));
}

function rowOf({ instance, stream, records }: InstanceStatus, sessions: number, state: ChassisState): InstanceRow {
  const { sender, receiver } = stream;
  if (sender !== undefined) {
    const connected = sender.state !== 'disconnected';
    const ready = sender.state === 'ready' && sender.synchronised;
    return {
      instance,
      records,
      state: state === 'PENDING_ACTIVE' ? 'Pending-Active' : connected ? 'Active-Connected' : 'Active',
      peerConnection: ready ? 'Ready' : connected ? 'Connected' : 'Not Connected',
      calls: sessions,
      unprotected: sender.unprotectedSessions,
      epoch: sender.epoch,
      sequence: sender.lastSequence,
      acknowledged: sender.acknowledgedSequence,
      lagRecords: sender.lagRecords,
      lagMs: Math.round(sender.lagMs),
    };
  }
  const connected = receiver?.connected === true;
  return {
    instance,
    records,
    state: receiver === undefined ? 'Init' : connected ? 'Standby-Connected' : 'Standby',
    peerConnection: connected && receiver.synchronised ? 'Ready' : connected ? 'Connected' : 'Not Connected',
    calls: 0,
    unprotected: 0,
    epoch: receiver?.epoch ?? 0,
    sequence: receiver?.appliedSequence ?? 0,
    acknowledged: null,
    lagRecords: null,
    lagMs: null,
  };
}
