import { integerArgument } from '../arguments.ts';
import { labelOf, pairLines, tableLines, wideColumns } from '../format.ts';
import { type Moment, refuse, shown, type View, type ViewSource } from '../view.ts';
import { type InstanceRow, instanceRows } from './instances.ts';
import { srpLines } from './words.ts';

export interface SessmgrData {
  readonly instance: number;
  readonly sessionsMax: number;
  readonly sessions: number;
  /** By the name of the state, in camelCase. */
  readonly inState: Readonly<Record<string, number>>;
  readonly ofType: { readonly pmipv6: number; readonly dhcp: number; readonly accounting: number };
  readonly crashes: number;
  /** Null on a chassis that is alone. */
  readonly stream: InstanceRow | null;
  /** Null unless `debug-info`, or on a chassis that is alone. */
  readonly debugInfo: {
    readonly backlogOctets: number | null;
    readonly resynchronising: boolean;
    readonly synchronised: boolean;
    readonly waitingReplies: number | null;
    readonly recordOctets: number | null;
    readonly tombstones: number | null;
    readonly disabledNackCmdIds: readonly number[];
    readonly checkpoints: readonly {
      readonly cmdId: number;
      readonly name: string;
      readonly sent: number;
      readonly acknowledged: number;
      readonly received: number;
      readonly applied: number;
    }[];
  } | null;
}

/** The number of the first session manager of a chassis. */
const firstInstance = 1;

export const sessmgr: View<SessmgrData> = {
  words: ['session', 'subsystem', 'facility', 'sessmgr'],
  summary: 'a session manager instance: its sessions, and its stream to its equal on the peer',
  role: 'view',
  options: [
    { name: 'instance', value: 'N', description: 'which one, counted from 1; 1 if left out', completion: 'instance' },
    { name: 'debug-info', description: 'and what its stream has carried' },
  ],
  build(source, at, args) {
    const instance = integerArgument('instance', args['instance'] ?? String(firstInstance), 0, 1_000_000);
    if (!instance.ok) return instance;
    const { redundancy, managers = [source.manager] } = source;
    const index = instance.value - firstInstance;
    const manager = managers[index];
    if (manager === undefined) {
      const hint = managers.length === 1 ? 'there is instance 1' : `there are instances 1 to ${managers.length}`;
      return refuse('not-found', `there is no session manager instance ${instance.value}`, hint);
    }
    const { registry } = manager;
    return shown({
      instance: instance.value,
      sessionsMax: registry.sessionsMax,
      sessions: registry.size,
      inState: Object.fromEntries(
        Object.entries(registry.inState).map(([state, count]) => [
          state.charAt(0).toLowerCase() + state.slice(1),
          count,
        ]),
      ),
      ofType: { ...registry.ofType },
      crashes: manager.counters.get('session.crashed'),
      stream: redundancy === undefined ? null : instanceRows(redundancy, managers, at.now)[index]!,
      debugInfo: 'debug-info' in args ? debugInfoOf(source, index, at) : null,
    });
  },
  render: (data) => [
    `Session Manager Instance: ${data.instance}`,
    ...pairLines(wideColumns, [
      ['Sessions', data.sessions],
      ['Sessions max', data.sessionsMax],
      ...Object.entries(data.inState).map(([state, count]): [string, number] => [labelOf(state), count]),
      ['PMIPv6', data.ofType.pmipv6],
      ['DHCP', data.ofType.dhcp],
      ['Accounting', data.ofType.accounting],
      ['Crashes', data.crashes],
    ]),
    ...(data.stream === null ? ['Redundancy: not configured'] : streamLines(data.stream)),
    ...(data.debugInfo === null ? [] : debugLines(data.debugInfo)),
  ],
};

function debugInfoOf({ redundancy }: ViewSource, index: number, { now }: Moment): SessmgrData['debugInfo'] {
  if (redundancy === undefined) return null;
  const { stream, ledger } = redundancy.pair.perInstance(now)[index]!;
  const { sender, receiver } = stream;
  return {
    backlogOctets: sender?.backlogOctets ?? null,
    resynchronising: (sender ?? receiver)?.resynchronising ?? false,
    synchronised: (sender ?? receiver)?.synchronised ?? false,
    waitingReplies: sender?.waiting ?? null,
    recordOctets: receiver?.octets ?? null,
    tombstones: receiver?.tombstones ?? null,
    disabledNackCmdIds: ledger.disabledNackCmdIds(),
    checkpoints: ledger.checkpoints.view().map(({ cmdId, name, sent, acknowledged, received, applied }) => ({
      cmdId,
      name,
      sent,
      acknowledged,
      received,
      applied,
    })),
  };
}

function streamLines(row: InstanceRow): string[] {
  return srpLines([
    ['Redundancy State', row.state],
    ['Peer Connection', row.peerConnection],
    ['Call Recovery Records (CRRs)', row.records],
    ['Unprotected Calls', row.unprotected],
    ['Stream Epoch', row.epoch],
    ['Stream Sequence', row.sequence],
    ['Stream Acknowledged', row.acknowledged ?? 'n/a'],
    ['Stream Lag', row.lagRecords === null ? 'n/a' : `${row.lagRecords} records, ${row.lagMs} ms`],
  ]);
}

function debugLines(info: NonNullable<SessmgrData['debugInfo']>): string[] {
  return [
    ...srpLines([
      ['Synchronised', info.synchronised ? 'Yes' : 'No'],
      ['Resynchronising', info.resynchronising ? 'Yes' : 'No'],
      ['Backlog Octets', info.backlogOctets],
      ['Replies Waiting for the Standby', info.waitingReplies],
      ['Record Octets', info.recordOctets],
      ['Tombstones', info.tombstones],
      ['NACK Disabled For', info.disabledNackCmdIds.join(', ') || 'none'],
    ]),
    'Checkpoints:',
    ...tableLines(
      ['  CMD-ID', 'Checkpoint', 'Sent', 'Acked', 'Received', 'Applied'],
      info.checkpoints.map((row) => [
        `  ${row.cmdId}`,
        row.name,
        row.sent,
        row.acknowledged,
        row.received,
        row.applied,
      ]),
    ),
  ];
}
