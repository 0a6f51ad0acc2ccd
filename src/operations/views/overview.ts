import { type AwaitedConfirmation, timeToConfirm } from '../configuration/reader.ts';
import { denialAdvice, failureAdvice } from '../explain/sentences.ts';
import { unconfirmedOf } from '../health.ts';
import { ratesOver, topDenials } from '../history/rates.ts';
import type { DrawnSeriesName } from '../history/series.ts';
import { type Change, changesOf } from '../overview/changes.ts';
import { healthSentence } from '../overview/sentence.ts';
import { type Side, sidesOf } from '../overview/sides.ts';
import { type AlarmData, alarmsNow } from './alarms.ts';
import { ageSeconds, durationText, fieldLines, tableLines, timeOf, timeText } from './format.ts';
import { lastSwitchoverOf, type SrpInfoData } from './srp/srp-info.ts';
import { stateWords } from './srp/words.ts';
import { type Moment, shown, type View, type ViewSource } from './view.ts';

/** How many a second there were of what matters most, over a minute. */
export interface OverviewRates {
  readonly uplinkPackets: number;
  readonly downlinkPackets: number;
  readonly uplinkOctets: number;
  readonly downlinkOctets: number;
  readonly droppedPackets: number;
  readonly attached: number;
  readonly refused: number;
  readonly handoversAccepted: number;
  readonly handoversDenied: number;
}

/** What somebody who is woken at night asks first, in that order. */
export interface OverviewData {
  readonly chassis: string;
  /** One sentence. */
  readonly health: string;
  readonly uptimeSeconds: number;
  readonly sessions: { readonly current: number; readonly max: number; readonly pmipv6: number; readonly dhcp: number };
  /** Of the last minute; null on a gateway that has just been started. */
  readonly rates: OverviewRates | null;
  /** Of the same minute a day ago; null where the gateway has not run for so long. */
  readonly ratesDayBefore: OverviewRates | null;
  /** Null on a chassis that is alone. */
  readonly pair: {
    readonly state: string;
    readonly since: string | null;
    readonly sinceSeconds: number | null;
    readonly because: string;
    readonly peer: string | null;
    /** Null if it is not heard. */
    readonly peerState: string | null;
    readonly standbyReady: boolean;
    readonly unprotectedSessions: number;
    readonly lagRecords: number | null;
    readonly lastSwitchover: SrpInfoData['lastSwitchover'];
    /** Records that found no place at the last promotion of this chassis; null if there was none. */
    readonly callsLost: number | null;
  } | null;
  /** Where the other chassis takes operators' requests; null where `management.peer-url` does not say. */
  readonly peerUrl: string | null;
  /** A commit that waits to be confirmed; null if none does. */
  readonly unconfirmed: AwaitedConfirmation | null;
  readonly sides: readonly Side[];
  /** Why attaches and handovers were refused in the last hour, the most frequent first. */
  readonly denials: readonly {
    readonly what: 'attach' | 'handover';
    readonly reason: string;
    readonly count: number;
    readonly meaning: string;
  }[];
  /** What was different an hour ago, newest first. */
  readonly changes: readonly Change[];
  readonly alarms: readonly AlarmData[];
}

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
const denialsMax = 5;

/** Everything in it is a counter, or kept: it costs the same whatever the sessions. */
export const overview: View<OverviewData> = {
  words: ['overview'],
  summary: 'how the gateway is: traffic, attaches, the pair, who is at fault, what has changed',
  role: 'view',
  options: [],
  build(source, at) {
    const { config, manager, startedAt, history } = source;
    const alarms = alarmsNow(source, at);
    const pair = pairOf(source, at);
    const { size, sessionsMax, ofType } = manager.registry;
    const critical = alarms.filter(({ severity }) => severity === 'critical').length;
    return shown({
      chassis: config.chassis.name,
      health: healthSentence({
        sessions: size,
        pair: pair && {
          state: source.redundancy!.pair.chassis.state.kind,
          serves: source.redundancy!.pair.serves,
          ready: pair.standbyReady,
          peerHeard: pair.peerState !== null,
          unprotected: pair.unprotectedSessions,
          lastSwitchover: pair.lastSwitchover,
        },
        critical,
        warnings: alarms.length - critical,
      }),
      uptimeSeconds: ageSeconds(startedAt, at) ?? 0,
      sessions: { current: size, max: sessionsMax, pmipv6: ofType.pmipv6, dhcp: ofType.dhcp },
      rates: ratesData(history && ratesOver(history, minuteMs)),
      ratesDayBefore: ratesData(history && ratesOver(history, minuteMs, dayMs)),
      pair,
      unconfirmed: unconfirmedOf(source),
      peerUrl: config.management.peerUrl ?? null,
      sides: sidesOf(source, at),
      denials: (history === undefined ? [] : topDenials(history, hourMs, denialsMax)).map((denial) => ({
        ...denial,
        meaning: meaningOf(denial),
      })),
      changes: changesOf(source, at),
      alarms,
    });
  },
  render: (data) => [
    `${data.chassis}: ${data.health}`,
    ...fieldLines([
      ['Up', durationText(data.uptimeSeconds)],
      ['Sessions', `${data.sessions.current} of ${data.sessions.max}`],
      ...rateFields('', data.rates),
      ...(data.ratesDayBefore === null ? [] : rateFields(' a Day Ago', data.ratesDayBefore)),
      ...pairFields(data.pair),
    ]),
    ...tableLines(
      ['Side', 'Verdict', 'See Also', 'Evidence'],
      data.sides.map(({ side, verdict, seeAlso, evidence }) => [side, verdict, seeAlso, evidence]),
    ),
    'Refused in the last hour:',
    ...(data.denials.length === 0
      ? ['  Nothing']
      : data.denials.map(({ what, reason, count, meaning }) => `  ${count} ${what} ${reason}: ${meaning}`)),
    'Changed in the last hour:',
    ...(data.changes.length === 0
      ? ['  Nothing']
      : data.changes.map((change) => `  ${timeText(change.time, change.ageSeconds)}: ${change.what}`)),
    ...(data.unconfirmed === null
      ? []
      : [`A commit of ${data.unconfirmed.who} goes back in ${timeToConfirm(data.unconfirmed)} unless it is confirmed`]),
    `Alarms: ${data.alarms.length} standing`,
    ...data.alarms.map(({ alarm, meaning, seeAlso }) => `  ${alarm}: ${meaning} (${seeAlso})`),
  ],
};

const tenths = (rate: number): number => Math.round(rate * 10) / 10;

function ratesData(rates: Readonly<Record<DrawnSeriesName, number>> | undefined): OverviewRates | null {
  if (rates === undefined) return null;
  return {
    uplinkPackets: tenths(rates.uplinkPackets),
    downlinkPackets: tenths(rates.downlinkPackets),
    uplinkOctets: tenths(rates.uplinkOctets),
    downlinkOctets: tenths(rates.downlinkOctets),
    droppedPackets: tenths(rates.droppedPackets),
    attached: tenths(rates.attached),
    refused: tenths(rates.refused),
    handoversAccepted: tenths(rates.handoversAccepted),
    handoversDenied: tenths(rates.handoversDenied),
  };
}

function meaningOf({ what, reason }: { readonly what: 'attach' | 'handover'; readonly reason: string }): string {
  const table: Readonly<Record<string, { readonly meaning: string }>> =
    what === 'attach' ? failureAdvice : denialAdvice;
  return table[reason]?.meaning ?? reason;
}

function pairOf({ redundancy }: ViewSource, at: Moment): OverviewData['pair'] {
  if (redundancy === undefined) return null;
  const { config, pair } = redundancy;
  const { chassis, serves, journal } = pair;
  const { state, peer, synchronisation } = chassis;
  const sender = pair.replication(at.now).sender;
  const peerState = peer.silent ? undefined : peer.hello?.state;
  return {
    state: stateWords[state.kind],
    since: timeOf(state.since, at),
    sinceSeconds: ageSeconds(state.since, at),
    because: state.reason,
    peer: config.peerChassisName ?? null,
    peerState: peerState === undefined ? null : stateWords[peerState],
    standbyReady: serves ? peerState !== undefined && peer.hello?.ready === true : synchronisation.ready,
    unprotectedSessions: sender?.unprotectedSessions ?? 0,
    lagRecords: sender?.lagRecords ?? null,
    lastSwitchover: lastSwitchoverOf(chassis, at),
    callsLost: journal.promotions.at(-1)?.refused ?? null,
  };
}

function rateFields(when: string, rates: OverviewRates | null): [string, string][] {
  if (rates === null) return [[`Traffic${when}`, 'not known yet']];
  const { uplinkPackets, downlinkPackets, droppedPackets, attached, refused, handoversAccepted, handoversDenied } =
    rates;
  return [
    [`Traffic${when}`, `${uplinkPackets} packets/s up, ${downlinkPackets} down, ${droppedPackets} dropped`],
    [`Attaches${when}`, `${attached}/s, ${refused}/s refused`],
    [`Handovers${when}`, `${handoversAccepted}/s, ${handoversDenied}/s denied`],
  ];
}

function pairFields(pair: OverviewData['pair']): [string, string][] {
  if (pair === null) return [['Pair', 'not configured: this chassis is alone']];
  const { state, since, sinceSeconds, because, peerState, standbyReady, unprotectedSessions, lastSwitchover } = pair;
  return [
    ['State', `${state}, since ${timeText(since, sinceSeconds)}, because: ${because}`],
    ['Peer', `${pair.peer ?? 'any'}: ${peerState ?? 'not heard'}`],
    ['Protection', `standby ${standbyReady ? 'ready' : 'not ready'}, ${unprotectedSessions} sessions unprotected`],
    [
      'Last Switchover',
      lastSwitchover === null
        ? 'none'
        : `${timeText(lastSwitchover.at, lastSwitchover.atSeconds)}, ${lastSwitchover.reason}`,
    ],
  ];
}
