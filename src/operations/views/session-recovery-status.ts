import type { WallClock } from '../../kernel/instant.ts';
import type { RecoveryStatus } from '../../sessmgr/recovery/recovery-status.ts';
import { camelCase, fieldLines, labelOf, timeText } from './format.ts';
import { type Moment, shown, type View } from './view.ts';

export interface SessionRecoveryStatusData {
  /** `Off`: the configuration has no `recovery`. */
  readonly state: 'Off' | 'Waiting for the role' | 'Writing' | 'Failing';
  /** Null where nothing is kept. */
  readonly store: {
    readonly directory: string;
    readonly sessions: number;
    /** Sessions that have changed and are not written yet. */
    readonly waiting: number;
    readonly batchesOutstanding: number;
    readonly batchesWritten: number;
    readonly sessionsWritten: number;
    readonly usageWritten: number;
    readonly lastWritten: string | null;
    readonly lastWrittenSecondsAgo: number | null;
    readonly failures: number;
    readonly unwritable: number;
    /** Why nothing is written at present. */
    readonly failing: string | null;
  } | null;
  /** What the last start found; null until it has been taken, or left. */
  readonly recovered: {
    readonly sessions: number;
    /** By reason, in camelCase. */
    readonly refused: Readonly<Record<string, number>>;
    readonly tookMs: number;
    readonly runBefore: 'ended in good order' | 'broke off';
  } | null;
  readonly restartCounter: number | null;
  /** Of a chassis of a pair. */
  readonly term: number | null;
  readonly managerRestarts: number;
}

const off: SessionRecoveryStatusData = {
  state: 'Off',
  store: null,
  recovered: null,
  restartCounter: null,
  term: null,
  managerRestarts: 0,
};

/** What a restart of this chassis would find, and what the last one found (docs/redundancy.md, "Recovery without a peer"). */
export const sessionRecoveryStatus: View<SessionRecoveryStatusData> = {
  words: ['session', 'recovery', 'status'],
  summary: 'the call recovery store on disk: what is kept, and what the last start found',
  role: 'view',
  options: [],
  build({ recovery, redundancy }, at) {
    const status = recovery();
    if (status === undefined) return shown(off);
    return shown({
      state: stateOf(status),
      store: storeOf(status, at),
      recovered: recoveredOf(status),
      restartCounter: status.restartCounter ?? null,
      term: redundancy === undefined ? null : status.term,
      managerRestarts: status.managerRestarts,
    });
  },
  render({ state, store, recovered, restartCounter, term, managerRestarts }) {
    const lines = ['Session Recovery', ...fieldLines([['State', state]])];
    if (store === null) return lines;
    return [
      ...lines,
      ...fieldLines([
        ['Directory', store.directory],
        ['Sessions kept', store.sessions],
        ['Changes not written yet', store.waiting],
        ['Batches written (on their way)', `${store.batchesWritten} (${store.batchesOutstanding})`],
        ['Sessions written', store.sessionsWritten],
        ['Usage records written', store.usageWritten],
        ['Last written', timeText(store.lastWritten, store.lastWrittenSecondsAgo)],
        ['Failures of the disk', store.failures],
        ['Failing now', store.failing ?? 'no'],
        ['Sessions that could not be encoded', store.unwritable],
        ['Restart counter', restartCounter],
        ['Term', term],
        ['Session manager restarts', managerRestarts],
      ]),
      'Found at the start',
      ...(recovered === null
        ? ['  Not looked at yet: nobody has needed it']
        : fieldLines([
            ['The run before', recovered.runBefore],
            ['Sessions recovered', `${recovered.sessions} in ${recovered.tookMs} ms`],
            ...Object.entries(recovered.refused).map(([why, count]) => [`Refused: ${labelOf(why)}`, count] as const),
          ])),
    ];
  },
};

function stateOf({ store, recovered }: RecoveryStatus): SessionRecoveryStatusData['state'] {
  if (store.failing !== undefined) return 'Failing';
  // A chassis with its peer's records has begun to write without having read.
  return recovered === undefined && store.batchesWritten === 0 ? 'Waiting for the role' : 'Writing';
}

function storeOf({ directory, writer, store }: RecoveryStatus, at: Moment): SessionRecoveryStatusData['store'] {
  const { lastWrittenAt, failing } = store;
  return {
    directory,
    sessions: writer.sessions,
    waiting: writer.waiting,
    batchesOutstanding: store.outstanding,
    batchesWritten: store.batchesWritten,
    sessionsWritten: writer.sessionsWritten,
    usageWritten: writer.usageWritten,
    lastWritten: lastWrittenAt === undefined ? null : new Date(Math.round(lastWrittenAt)).toISOString(),
    lastWrittenSecondsAgo: lastWrittenAt === undefined ? null : secondsSince(lastWrittenAt, at),
    failures: store.failures,
    unwritable: writer.unwritable,
    failing: failing === undefined ? null : `${failing.trouble}: ${failing.text}`,
  };
}

function recoveredOf({ recovered }: RecoveryStatus): SessionRecoveryStatusData['recovered'] {
  if (recovered === undefined) return null;
  const { sessions, refused, tookMs, wasClean } = recovered;
  return {
    sessions,
    refused: Object.fromEntries(Object.entries(refused).map(([why, count]) => [camelCase(why), count])),
    tookMs: Math.round(tookMs),
    runBefore: wasClean ? 'ended in good order' : 'broke off',
  };
}

function secondsSince(time: WallClock, { wallClock }: Moment): number {
  return Math.max(0, Math.floor((wallClock - time) / 1000));
}
