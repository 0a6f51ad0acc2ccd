import { aloneAt, isAwaited } from '../../../icsr/chassis/deadline.ts';
import type { Chassis, TransitionRecord } from '../../../icsr/chassis/state.ts';
import { formatIpPort, formatMac } from '../../../kernel/address.ts';
import type { Instant, WallClock } from '../../../kernel/instant.ts';
import type { ChassisMode, ChassisState, StoreRole } from '../../../wire/srp/names.ts';
import { alarmSentences } from '../../alarms/pair-alarms.ts';
import { ageSeconds, durationText, remainingSeconds, tableLines, timeOf } from '../format.ts';
import type { RedundancyReader } from '../redundancy-reader.ts';
import { type Moment, shown, type View, type ViewSource } from '../view.ts';
import { checkpointRows, producerText } from './checkpoint-rows.ts';
import { pairOf } from './pair-of.ts';
import { modeWords, ruler, srpLines, srpTime, stateWords, storeWords, yesNo } from './words.ts';

export interface SrpInfoData {
  readonly local: {
    readonly name: string;
    readonly address: string;
    readonly state: ChassisState;
    /** Why it came into its state, and when. */
    readonly reason: string;
    readonly since: string | null;
    readonly sinceSeconds: number | null;
    /** When the state ends by itself; null if it does not. */
    readonly limitSeconds: number | null;
    readonly mode: ChassisMode;
    readonly priority: number;
    readonly tiebreaker: string;
    readonly routeModifier: number;
    readonly term: number;
    readonly highestTerm: number;
    /** The line of sessions that it serves or holds; null if it holds none. */
    readonly lineage: number | null;
    /** The last service that the sessions on this chassis's disk follow, and what it was in that; null if there was none. */
    readonly store: { readonly term: number; readonly as: StoreRole } | null;
    readonly serves: boolean;
    readonly sessions: number;
    readonly records: number;
    /** As a standby: it holds all sessions. */
    readonly ready: boolean;
    readonly unprotectedSessions: number;
  };
  readonly peer: {
    readonly name: string | null;
    readonly address: string;
    /** Null if it was never heard, or not for the dead interval. */
    readonly state: ChassisState | null;
    readonly mode: ChassisMode | null;
    readonly priority: number | null;
    readonly tiebreaker: string | null;
    readonly routeModifier: number | null;
    readonly term: number | null;
    readonly ready: boolean | null;
    readonly sessions: number | null;
    readonly monitorsHealthy: boolean | null;
    readonly clockSkewMs: number | null;
    readonly lastHello: string | null;
    readonly lastHelloSeconds: number | null;
  };
  readonly configuration: {
    readonly status: 'equal' | 'different' | 'not compared';
    readonly differences: readonly string[];
    readonly comparedAt: string | null;
    readonly comparedSeconds: number | null;
  };
  readonly lastValidateSwitchover: {
    readonly passed: boolean;
    readonly failed: readonly string[];
    readonly at: string | null;
    readonly atSeconds: number | null;
  } | null;
  readonly connection: {
    readonly state: 'connected' | 'not connected';
    readonly reason: string | null;
    readonly version: number | null;
    readonly since: string | null;
    readonly sinceSeconds: number | null;
  };
  readonly lastSwitchover: { readonly at: string; readonly atSeconds: number; readonly reason: string } | null;
  readonly alarms: readonly { readonly alarm: string; readonly meaning: string }[];
  /** Newest first. */
  readonly history: readonly {
    readonly time: string;
    readonly from: ChassisState;
    readonly to: ChassisState;
    readonly reason: string;
    readonly term: number;
  }[];
  readonly checkpoints: readonly {
    readonly cmdId: number | null;
    readonly name: string;
    readonly kind: 'macro' | 'micro';
    readonly category: string | null;
    readonly producedBy: string;
  }[];
}

export const srpInfo: View<SrpInfoData> = {
  words: ['srp', 'info'],
  summary: 'this chassis and its peer, and the complete list of checkpoints',
  role: 'view',
  options: [],
  build(source, at) {
    const found = pairOf(source);
    if (!found.ok) return found;
    const { pair } = found.value;
    const { chassis } = pair;
    return shown({
      local: localOf(source, found.value, at),
      peer: peerOf(chassis, found.value, at),
      configuration: {
        ...pair.validateConfiguration(),
        comparedAt: chassis.configuration === undefined ? null : timeOf(chassis.configuration.at, at),
        comparedSeconds: ageSeconds(chassis.configuration?.at, at),
      },
      lastValidateSwitchover: validationOf(found.value, at),
      connection: connectionOf(chassis, at),
      lastSwitchover: lastSwitchoverOf(chassis, at),
      alarms: chassis.alarms.map((alarm) => ({ alarm, meaning: alarmSentences[alarm] })),
      history: chassis.history.toReversed().map(({ wallClock, ...change }) => ({ time: isoOf(wallClock), ...change })),
      checkpoints: checkpointRows([]).map((row) => ({
        cmdId: row.cmdId,
        name: row.name,
        kind: row.kind,
        category: row.category,
        producedBy: producerText(row),
      })),
    });
  },
  render: (data) => [
    'Service Redundancy Protocol:',
    ruler,
    ...localLines(data.local),
    ...peerLines(data),
    ...connectionLines(data),
    ...(data.alarms.length === 0
      ? srpLines([['Alarms', 'None']])
      : ['Alarms:', ...data.alarms.map(({ alarm, meaning }) => `  ${alarm}: ${meaning}`)]),
    '',
    'State History:',
    ...tableLines(
      ['  Time', 'From', 'To', 'Reason', 'Term'],
      data.history.map(({ time, from, to, reason, term }) => [
        `  ${time}`,
        stateWords[from],
        stateWords[to],
        reason,
        term,
      ]),
    ),
    '',
    `Checkpoints: ${data.checkpoints.length}`,
    ...tableLines(
      ['  CMD-ID', 'Type', 'Checkpoint', 'Category', 'Produced By'],
      data.checkpoints.map(({ cmdId, kind, name, category, producedBy }) => [
        `  ${cmdId ?? '-'}`,
        kind,
        name,
        category,
        producedBy,
      ]),
    ),
  ],
};

function isoOf(wallClock: WallClock): string {
  return new Date(Math.round(wallClock)).toISOString();
}

function localOf({ config, manager }: ViewSource, reader: RedundancyReader, at: Moment): SrpInfoData['local'] {
  const { pair, config: redundancy } = reader;
  const { chassis, serves, records } = pair;
  const { state, term } = chassis;
  const { mode, priority, tiebreaker } = redundancy.chassis;
  return {
    name: config.chassis.name,
    address: formatIpPort(redundancy.bind.address, redundancy.bind.port),
    state: state.kind,
    reason: state.reason,
    since: timeOf(state.since, at),
    sinceSeconds: ageSeconds(state.since, at),
    limitSeconds: remainingSeconds(limitOf(chassis, redundancy), at),
    mode,
    priority,
    tiebreaker: tiebreakerText(tiebreaker),
    routeModifier: chassis.routeModifier,
    term: term.own,
    highestTerm: term.highest,
    lineage: chassis.lineage?.id ?? null,
    store: chassis.store.term === 0 ? null : chassis.store,
    serves,
    sessions: serves ? manager.registry.size : 0,
    records,
    ready: state.kind === 'STANDBY' && chassis.synchronisation.ready,
    unprotectedSessions: pair.replication(at.now).sender?.unprotectedSessions ?? 0,
  };
}

/** When the state ends by itself; undefined if it does not. */
function limitOf(chassis: Chassis, { chassis: options }: RedundancyReader['config']): Instant | undefined {
  const { state } = chassis;
  if ('deadline' in state) return state.deadline;
  return state.kind === 'INIT' && isAwaited(chassis) ? aloneAt(chassis, options) : undefined;
}

function tiebreakerText(tiebreaker: Parameters<typeof formatMac>[0]): string {
  return formatMac(tiebreaker, '-').toUpperCase();
}

function peerOf({ peer }: Chassis, { config }: RedundancyReader, at: Moment): SrpInfoData['peer'] {
  const { hello, silent, heardAt } = peer;
  return {
    name: config.peerChassisName ?? null,
    address: formatIpPort(config.peer.address, config.peer.port),
    state: silent ? null : (hello?.state ?? null),
    mode: hello?.mode ?? null,
    priority: hello?.priority ?? null,
    tiebreaker: hello === undefined ? null : tiebreakerText(hello.tiebreaker),
    routeModifier: hello?.routeModifier ?? null,
    term: hello?.term ?? null,
    ready: hello?.ready ?? null,
    sessions: hello?.sessions ?? null,
    monitorsHealthy: hello?.monitorsHealthy ?? null,
    clockSkewMs: hello === undefined ? null : Math.round(peer.clockSkewMs),
    lastHello: heardAt === undefined ? null : timeOf(heardAt, at),
    lastHelloSeconds: ageSeconds(heardAt, at),
  };
}

function validationOf({ pair }: RedundancyReader, at: Moment): SrpInfoData['lastValidateSwitchover'] {
  const validation = pair.journal.lastValidation;
  if (validation === undefined) return null;
  return {
    passed: validation.failed.length === 0,
    failed: validation.failed,
    at: timeOf(validation.at, at),
    atSeconds: ageSeconds(validation.at, at),
  };
}

function connectionOf({ peer: { link } }: Chassis, at: Moment): SrpInfoData['connection'] {
  return {
    state: link.kind === 'up' ? 'connected' : 'not connected',
    reason: link.kind === 'up' ? null : link.reason,
    version: link.kind === 'up' ? (link.version ?? null) : null,
    since: timeOf(link.since, at),
    sinceSeconds: ageSeconds(link.since, at),
  };
}

/** The last time that this chassis began to take the role, or to leave it. */
export function lastSwitchoverOf({ history }: Chassis, { wallClock }: Moment): SrpInfoData['lastSwitchover'] {
  const isSwitchover = ({ from, to }: TransitionRecord) => to === 'PENDING_ACTIVE' || from === 'ACTIVE';
  const last = history.findLast(isSwitchover);
  if (last === undefined) return null;
  const atSeconds = Math.max(0, Math.floor((wallClock - last.wallClock) / 1000));
  return { at: isoOf(last.wallClock), atSeconds, reason: last.reason };
}

function localLines(local: SrpInfoData['local']): string[] {
  return srpLines([
    ['Chassis Name', local.name],
    ['Local Address', local.address],
    ['Chassis State', stateWords[local.state]],
    ['Chassis State Reason', local.reason],
    ['Chassis State Since', srpTime(local.since, local.sinceSeconds)],
    ...(local.limitSeconds === null
      ? []
      : ([['Chassis State Limit', durationText(local.limitSeconds)]] satisfies [string, string][])),
    ['Chassis Mode', modeWords[local.mode]],
    ['Chassis Priority', local.priority],
    ['Local Tiebreaker', local.tiebreaker],
    ['Route-Modifier', local.routeModifier],
    ['Term', `${local.term} (highest known ${local.highestTerm})`],
    ['Lineage', local.lineage === null ? 'None' : local.lineage.toString(16).padStart(8, '0')],
    ['Call Recovery Store', local.store === null ? 'None' : `Term ${local.store.term}, ${storeWords[local.store.as]}`],
    ['Serving', yesNo(local.serves)],
    ['Sessions', local.sessions],
    ['Sessions Unprotected', local.unprotectedSessions],
    ['Call Recovery Records (CRRs)', local.records],
    ['Standby Ready', local.state === 'ACTIVE' ? 'n/a' : yesNo(local.ready)],
  ]);
}

function peerLines({ peer, configuration }: SrpInfoData): string[] {
  const yesNoNone = (value: boolean | null) => (value === null ? 'None' : yesNo(value));
  return [
    ...srpLines([
      ['Peer Name', peer.name ?? 'any'],
      ['Peer Remote Address', peer.address],
      ['Peer State', peer.state === null ? 'None' : stateWords[peer.state]],
      ['Peer Mode', peer.mode === null ? 'None' : modeWords[peer.mode]],
      ['Peer Priority', peer.priority ?? 'None'],
      ['Peer Tiebreaker', peer.tiebreaker ?? 'None'],
      ['Peer Route-Modifier', peer.routeModifier ?? 'None'],
      ['Peer Term', peer.term ?? 'None'],
      ['Peer Ready', yesNoNone(peer.ready)],
      ['Peer Sessions', peer.sessions ?? 'None'],
      ['Peer Monitors Healthy', yesNoNone(peer.monitorsHealthy)],
      ['Peer Clock Difference', peer.clockSkewMs === null ? 'None' : `${peer.clockSkewMs} ms`],
      ['Last Hello Message received', srpTime(peer.lastHello, peer.lastHelloSeconds)],
      ['Peer Configuration Validation', validationWords[configuration.status]],
      [
        'Last Peer Configuration Error',
        configuration.differences.length === 0 ? 'None' : `Lines that differ: ${configuration.differences.length}`,
      ],
    ]),
    ...configuration.differences.map((line) => `  ${line}`),
    ...srpLines([['Last Peer Configuration Event', srpTime(configuration.comparedAt, configuration.comparedSeconds)]]),
  ];
}

const validationWords = { equal: 'Complete', different: 'Failed', 'not compared': 'None' } as const;

function connectionLines({ lastValidateSwitchover: validated, connection, lastSwitchover }: SrpInfoData): string[] {
  const status =
    validated === null
      ? 'None'
      : `${validated.passed ? 'Passed' : `Failed: ${validated.failed.join(', ')}`}, ${srpTime(validated.at, validated.atSeconds)}`;
  const state =
    connection.state === 'connected'
      ? `Connected, version ${connection.version ?? 'unknown'}`
      : `Not Connected: ${connection.reason}`;
  return srpLines([
    ['Last Validate Switchover Status', status],
    ['Last Switchover', lastSwitchover === null ? 'None' : srpTime(lastSwitchover.at, lastSwitchover.atSeconds)],
    ['Last Switchover Reason', lastSwitchover?.reason ?? 'None'],
    ['Connection State', state],
    ['Connection State Since', srpTime(connection.since, connection.sinceSeconds)],
  ]);
}
