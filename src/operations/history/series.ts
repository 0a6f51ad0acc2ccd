import { downlinkDropped, uplinkDropped } from '../../forwarding/counters.ts';
import { handoffDenials, handoffKinds, setupFailures } from '../../services/samog/statistics.ts';
import { camelCase } from '../views/format.ts';
import type { Moment, ViewSource } from '../views/view.ts';
import type { HistorySample } from './history.ts';

/** Something of which the gateway remembers how it was. */
export interface HistorySeries {
  /** In camelCase: its key in JSON. */
  readonly name: string;
  /** `level`: a value as it is. `count`: something counted; what is shown of it is how many a second. */
  readonly kind: 'level' | 'count';
  /** Of a level, what it is measured in; of a count, what is counted. */
  readonly unit: string;
  /** Costs nothing that grows with sessions. */
  read(source: ViewSource, at: Moment): number;
}

function sum<Name extends string>(counters: { get(name: Name): number }, names: readonly Name[]): number {
  return names.reduce((total, name) => total + counters.get(name), 0);
}

const failureCounters = setupFailures.map((reason) => `session.failed.${reason}` as const);
const acceptedCounters = handoffKinds.map((kind) => `handoff.${kind}.accepted` as const);
const deniedCounters = handoffDenials.map((reason) => `handoff.denied.${reason}` as const);
const uplinkDropCounters = Object.values(uplinkDropped);
const downlinkDropCounters = Object.values(downlinkDropped);

const replication = ({ redundancy }: ViewSource, { now }: Moment) => redundancy?.pair.replication(now).sender;

/** What can be drawn. */
export const drawnSeries = [
  { name: 'sessions', kind: 'level', unit: 'sessions', read: ({ manager }) => manager.registry.size },
  { name: 'sessionsPmip', kind: 'level', unit: 'sessions', read: ({ manager }) => manager.registry.ofType.pmipv6 },
  { name: 'sessionsEogre', kind: 'level', unit: 'sessions', read: ({ manager }) => manager.registry.ofType.dhcp },
  { name: 'attached', kind: 'count', unit: 'attaches', read: ({ manager }) => manager.counters.get('session.setup') },
  { name: 'refused', kind: 'count', unit: 'attaches', read: ({ manager }) => sum(manager.counters, failureCounters) },
  {
    name: 'handoversAccepted',
    kind: 'count',
    unit: 'handovers',
    read: ({ manager }) => sum(manager.counters, acceptedCounters),
  },
  {
    name: 'handoversDenied',
    kind: 'count',
    unit: 'handovers',
    read: ({ manager }) => sum(manager.counters, deniedCounters),
  },
  {
    name: 'uplinkPackets',
    kind: 'count',
    unit: 'packets',
    read: ({ manager }) => manager.forwardingCounters.get('uplink.packets'),
  },
  {
    name: 'downlinkPackets',
    kind: 'count',
    unit: 'packets',
    read: ({ manager }) => manager.forwardingCounters.get('downlink.packets'),
  },
  {
    name: 'uplinkOctets',
    kind: 'count',
    unit: 'octets',
    read: ({ manager }) => manager.forwardingCounters.get('uplink.octets'),
  },
  {
    name: 'downlinkOctets',
    kind: 'count',
    unit: 'octets',
    read: ({ manager }) => manager.forwardingCounters.get('downlink.octets'),
  },
  {
    name: 'droppedPackets',
    kind: 'count',
    unit: 'packets',
    read: ({ manager: { forwardingCounters } }) =>
      sum(forwardingCounters, uplinkDropCounters) + sum(forwardingCounters, downlinkDropCounters),
  },
  {
    name: 'unknownAccessPackets',
    kind: 'count',
    unit: 'packets',
    read: ({ manager }) => manager.forwardingCounters.get('uplink.dropped.unknown-client'),
  },
  {
    name: 'aaaAccepts',
    kind: 'count',
    unit: 'answers',
    read: ({ manager }) => manager.counters.get('radius.access-accept.received'),
  },
  {
    name: 'aaaRejects',
    kind: 'count',
    unit: 'answers',
    read: ({ manager }) => manager.counters.get('radius.access-reject.received'),
  },
  {
    name: 'aaaTimeouts',
    kind: 'count',
    unit: 'requests',
    read: ({ manager }) => manager.counters.get('radius.timeout'),
  },
  {
    name: 'lmaRejections',
    kind: 'count',
    unit: 'answers',
    read: ({ manager }) => manager.counters.get('s2a.pba.denied'),
  },
  {
    name: 'unprotectedSessions',
    kind: 'level',
    unit: 'sessions',
    read: (source, at) => replication(source, at)?.unprotectedSessions ?? 0,
  },
  { name: 'checkpointLagMs', kind: 'level', unit: 'ms', read: (source, at) => replication(source, at)?.lagMs ?? 0 },
  { name: 'eventLoopP99Ms', kind: 'level', unit: 'ms', read: (source) => source.host().stall.percentile99Ms },
] as const satisfies readonly HistorySeries[];
export type DrawnSeriesName = (typeof drawnSeries)[number]['name'];

/** Why attaches and handovers were refused: each reason by itself, for the last hour's most frequent. */
export const denialSeries: readonly (HistorySeries & {
  readonly what: 'attach' | 'handover';
  readonly reason: string;
})[] = [
  ...setupFailures.map((reason) => ({
    ...denial('attach', reason),
    read: ({ manager }: ViewSource) => manager.counters.get(`session.failed.${reason}`),
  })),
  ...handoffDenials.map((reason) => ({
    ...denial('handover', reason),
    read: ({ manager }: ViewSource) => manager.counters.get(`handoff.denied.${reason}`),
  })),
];

function denial<What extends 'attach' | 'handover'>(what: What, reason: string) {
  return { name: camelCase(`${what}-denied-${reason}`), kind: 'count' as const, unit: 'refusals', what, reason };
}

export const historySeries: readonly HistorySeries[] = [...drawnSeries, ...denialSeries];

/** Reads all of them. Within `shownBy`. */
export function sampleOf(source: ViewSource, at: Moment): HistorySample {
  return { at: at.now, values: Float64Array.from(historySeries, (series) => series.read(source, at)) };
}
