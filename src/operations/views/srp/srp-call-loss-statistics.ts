import type { Departure, PromotionRecord } from '../../../sessmgr/pair/pair-journal.ts';
import { labelOf, tableLines } from '../format.ts';
import { shown, type View } from '../view.ts';
import { pairOf } from './pair-of.ts';

export interface SrpCallLossStatisticsData {
  /** Newest first. */
  readonly promotions: readonly {
    readonly time: string;
    readonly reason: string;
    readonly term: number;
    /** By the peer's last hello, sessions in setup included, which nobody has a record of; null without a hello. */
    readonly peerSessions: number | null;
    readonly records: number;
    /** The records were all that the peer had. */
    readonly ready: boolean;
    /** Null until the records are committed. */
    readonly sessions: number | null;
    /** Records that found no place: the sessions that were lost here. */
    readonly lost: number;
    readonly state: 'under way' | 'serving' | 'yielded';
    readonly totalMs: number;
    readonly stages: readonly {
      readonly stage: string;
      readonly tookMs: number;
      readonly failure: string | null;
    }[];
  }[];
  /** Newest first: when this chassis ceased to serve. */
  readonly departures: readonly {
    readonly time: string;
    readonly reason: string;
    readonly term: number;
    readonly sessions: number;
    /** Of which the peer had not acknowledged all that was promised: they may have lost their latest change. */
    readonly unprotected: number;
    readonly state: string;
  }[];
  /** Over the promotions shown. */
  readonly callsLost: number;
}

export const srpCallLossStatistics: View<SrpCallLossStatisticsData> = {
  words: ['srp', 'call-loss', 'statistics'],
  summary: 'the history of switchovers: sessions before and after, and how long each stage took',
  role: 'view',
  options: [],
  build(source) {
    const found = pairOf(source);
    if (!found.ok) return found;
    const { promotions, departures } = found.value.pair.journal;
    return shown({
      promotions: promotions.toReversed().map(promotionOf),
      departures: departures.toReversed().map(departureOf),
      callsLost: promotions.reduce((sum, { refused }) => sum + refused, 0),
    });
  },
  render: ({ promotions, departures, callsLost }) => [
    'Promotions of this chassis, newest first:',
    ...tableLines(
      ['  Time', 'Reason', 'Term', 'Peer Had', 'CRRs', 'Standby Ready', 'Sessions', 'Calls Lost', 'Total', 'State'],
      promotions.map((row) => [
        `  ${row.time}`,
        row.reason,
        row.term,
        row.peerSessions,
        row.records,
        row.ready ? 'Yes' : 'No',
        row.sessions,
        row.lost,
        `${row.totalMs} ms`,
        row.state,
      ]),
    ),
    'Stages of the newest promotion:',
    ...(promotions[0]?.stages ?? []).map(
      ({ stage, tookMs, failure }) =>
        `  ${labelOf(stage)}: ${tookMs} ms${failure === null ? '' : `, failed: ${failure}`}`,
    ),
    'Departures of this chassis, newest first:',
    ...tableLines(
      ['  Time', 'Reason', 'Term', 'Sessions', 'Unprotected', 'State'],
      departures.map((row) => [`  ${row.time}`, row.reason, row.term, row.sessions, row.unprotected, row.state]),
    ),
    `Promotions: ${promotions.length}, departures: ${departures.length}, calls lost: ${callsLost}`,
  ],
};

function isoOf(wallClock: number): string {
  return new Date(Math.round(wallClock)).toISOString();
}

function promotionOf(promotion: PromotionRecord): SrpCallLossStatisticsData['promotions'][number] {
  const { wallClock, reason, term, peerSessions, records, wasReady, sessions, refused, stages, end } = promotion;
  return {
    time: isoOf(wallClock),
    reason,
    term,
    peerSessions: peerSessions ?? null,
    records,
    ready: wasReady,
    sessions: sessions ?? null,
    lost: refused,
    state: end ?? 'under way',
    totalMs: Math.round(stages.reduce((sum, { tookMs }) => sum + tookMs, 0)),
    stages: stages.map(({ stage, tookMs, failure }) => ({
      stage,
      tookMs: Math.round(tookMs),
      failure: failure ?? null,
    })),
  };
}

function departureOf(departure: Departure): SrpCallLossStatisticsData['departures'][number] {
  const { wallClock, end, ...others } = departure;
  return { time: isoOf(wallClock), ...others, state: end ?? 'under way' };
}
