import { fieldLines, tableLines } from './format.ts';
import { type ServerData, serverData, serverLines } from './radius-servers.ts';
import { type Moment, shown, type View, type ViewSource } from './view.ts';

const records = ['start', 'interim', 'stop'] as const;

/** Of one kind of record, since the start. */
interface RecordCounts {
  readonly kind: (typeof records)[number];
  readonly owed: number;
  readonly acknowledged: number;
  /** Times that no server answered one, and it was sent again. */
  readonly repeated: number;
  /** Records that a newer one made needless; 0 for kinds that none does. */
  readonly superseded: number;
  /** Records given up, because too many were owed. */
  readonly dropped: number;
}

export interface RadiusAccountingData {
  /** `own`: the gateway accounts for its sessions itself. */
  readonly own: boolean;
  /** What becomes of the records of WLCs: `server` or `proxy`. */
  readonly wlc: string;
  readonly owed: {
    /** Sessions that owe a record, which AAA has not acknowledged. */
    readonly sessions: number;
    /** Of these, those that are over. */
    readonly over: number;
    /** How many of those there may be. */
    readonly overMax: number;
    /** Those whose record is on its way. */
    readonly underway: number;
    /** Until one is tried again, while no server answers; 0 if one does. */
    readonly pausedForMs: number;
  };
  readonly records: readonly RecordCounts[];
  /** Requests that wait for a free identifier. */
  readonly waiting: number;
  readonly servers: readonly ServerData[];
}

function radiusAccountingData({ manager }: ViewSource, { now }: Moment): RadiusAccountingData {
  const { own, wlc, owedMax } = manager.config.mrmeService.accounting;
  const { owing, underway, pausedForMs } = manager.accounting.status(now);
  const { waiting, servers } = manager.aaa.status(now).accounting;
  const { counters } = manager;
  return {
    own,
    wlc,
    owed: {
      sessions: owing,
      over: manager.registry.inState.Owing,
      overMax: owedMax,
      underway,
      pausedForMs: Math.ceil(pausedForMs),
    },
    records: records.map((kind) => ({
      kind,
      owed: counters.get(`accounting.${kind}.owed`),
      acknowledged: counters.get(`accounting.${kind}.acknowledged`),
      repeated: counters.get(`accounting.${kind}.repeated`),
      superseded: kind === 'interim' ? counters.get('accounting.interim.superseded') : 0,
      dropped: kind === 'stop' ? counters.get('accounting.stop.dropped') : 0,
    })),
    waiting,
    servers: servers.map(serverData),
  };
}

export const radiusAccounting: View<RadiusAccountingData> = {
  words: ['radius', 'accounting'],
  summary: 'accounting toward AAA: what sessions owe it, records by kind, and the servers',
  role: 'view',
  options: [],
  build: (source, at) => shown(radiusAccountingData(source, at)),
  render: ({ own, wlc, owed, waiting, servers, ...data }) => [
    ...fieldLines([
      ['Own Accounting', own ? 'yes' : 'no'],
      ["WLCs' Accounting", wlc],
      ['Sessions That Owe', owed.sessions],
      ['Of These Over', `${owed.over} of at most ${owed.overMax}`],
      ['Records On Their Way', owed.underway],
      ['Tried Again In', owed.pausedForMs === 0 ? 'no server is waited for' : `${owed.pausedForMs} ms`],
      ['Requests Waiting', waiting],
    ]),
    'Records:',
    ...tableLines(
      ['  Kind', 'Owed', 'Acknowledged', 'Repeated', 'Superseded', 'Dropped'],
      data.records.map(({ kind, ...counts }) => [
        `  ${kind.toUpperCase()}`,
        counts.owed,
        counts.acknowledged,
        counts.repeated,
        counts.superseded,
        counts.dropped,
      ]),
    ),
    'RADIUS Accounting Servers:',
    ...serverLines(servers, ['Response'], (server) => [server.accounted]),
  ],
};
