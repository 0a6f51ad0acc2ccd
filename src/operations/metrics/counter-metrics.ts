import { forwardingCounterNames } from '../../forwarding/counters.ts';
import { samogCounterNames } from '../../services/samog/statistics.ts';
import { redundancyCounters } from '../../sessmgr/pair/pair-counters.ts';
import { apiCounterNames } from '../access/api-counters.ts';
import type { ViewSource } from '../views/view.ts';
import { counterSentences } from './counter-sentences.ts';
import type { LabelName, Labels, Metric } from './metric.ts';

/** The lists of counters, as `docs/operations/counters.yaml` has them. */
export type CounterList = 'service' | 'data path' | 'pair' | 'management';

/** One counter of the gateway: every rendering of counters is made of these. */
export interface CounterOf {
  readonly list: CounterList;
  /** As the code and the documentation call it, such as `handoff.pmip-to-eogre.accepted`. */
  readonly name: string;
  /** Undefined where the gateway has no such part: the pair's, on a chassis that is alone. */
  read(source: ViewSource): number | undefined;
}

/** Every counter of the gateway, in the order of its lists. */
export const allCounters: readonly CounterOf[] = [
  ...samogCounterNames.map(
    (name): CounterOf => ({
      list: 'service',
      name,
      read: ({ manager }) => manager.counters.get(name),
    }),
  ),
  ...forwardingCounterNames.map(
    (name): CounterOf => ({
      list: 'data path',
      name,
      read: ({ manager }) => manager.forwardingCounters.get(name),
    }),
  ),
  ...redundancyCounters.map(
    (name): CounterOf => ({
      list: 'pair',
      name,
      read: ({ redundancy }) => redundancy?.pair.counts()[name],
    }),
  ),
  ...apiCounterNames.map(
    (name): CounterOf => ({
      list: 'management',
      name,
      read: ({ management }) => management?.counters.get(name),
    }),
  ),
];

/** Counters that are one family: what the expression catches becomes `$1`, `$2` of the name and of the labels. */
interface Grouping {
  readonly list: CounterList;
  readonly pattern: RegExp;
  readonly family: string;
  readonly labels: Readonly<Partial<Record<LabelName, string>>>;
  readonly help: string;
}

const byReason = (prefix: string, help: string): Grouping => ({
  list: 'service',
  pattern: new RegExp(`^${prefix.replaceAll('.', '\\.')}\\.(.+)$`),
  family: `${prefix.replaceAll('.', '_')}_total`,
  labels: { reason: '$1' },
  help,
});

/** The first that matches decides. What none matches is a family of its own. */
const groupings: readonly Grouping[] = [
  byReason('session.ended', 'Sessions that were up and have ended, by the reason.'),
  byReason('session.failed', 'Sessions given up before they had an address, by the reason.'),
  { ...byReason('handoff.denied', 'Handovers denied, by the reason.'), family: 'handoff_denials_total' },
  {
    list: 'service',
    pattern: /^handoff\.(.+)\.(received|accepted|denied)$/,
    family: 'handoff_$2_total',
    labels: { kind: '$1' },
    help: 'Handovers $2, by what moved from where to where: received = accepted + denied + in progress.',
  },
  {
    list: 'service',
    pattern: /^pbu\.(\w+)\.(received|accepted|denied)$/,
    family: 'pbu_requests_$2_total',
    labels: { kind: '$1' },
    help: 'PBUs of access nodes $2, by what they ask for.',
  },
  {
    list: 'service',
    pattern: /^(.+)\.discarded\.(.+)$/,
    family: '$1_discarded_total',
    labels: { reason: '$2' },
    help: 'Messages ($1) that were discarded, by the reason.',
  },
  {
    list: 'service',
    pattern: /^accounting\.(start|interim|stop)\.(owed|acknowledged|repeated)$/,
    family: 'accounting_records_$2_total',
    labels: { kind: '$1' },
    help: 'Accounting records $2, by their kind.',
  },
  {
    list: 'service',
    pattern: /^(coa|disconnect)\.nak\.(\d+)$/,
    family: 'dynamic_authorization_naks_total',
    labels: { kind: '$1', reason: '$2' },
    help: 'Requests of AAA to change or end a session that were refused, by the Error-Cause (RFC 5176 section 3.5).',
  },
  {
    list: 'data path',
    pattern: /^(uplink|downlink)\.dropped\.(.+)$/,
    family: 'dropped_packets_total',
    labels: { direction: '$1', reason: '$2' },
    help: 'Packets that the data path dropped, by direction and reason.',
  },
  {
    list: 'data path',
    pattern: /^(uplink|downlink)\.(packets|fragments)$/,
    family: 'forwarded_$2_total',
    labels: { direction: '$1' },
    help: 'UEs’ own IP $2 that were forwarded, by direction.',
  },
  {
    list: 'data path',
    pattern: /^(uplink|downlink)\.octets$/,
    family: 'forwarded_bytes_total',
    labels: { direction: '$1' },
    help: 'Octets of UEs’ own IP packets that were forwarded, by direction; without any tunnel header.',
  },
  {
    list: 'data path',
    pattern: /^fast-path\.(uplink|downlink)\.punted\.(.+)$/,
    family: 'fast_path_punted_packets_total',
    labels: { direction: '$1', reason: '$2' },
    help: 'Packets that the kernel handed up instead of forwarding them, by direction and reason.',
  },
  {
    list: 'data path',
    pattern: /^fast-path\.(uplink|downlink)\.packets$/,
    family: 'fast_path_forwarded_packets_total',
    labels: { direction: '$1' },
    help: 'Of the packets that were forwarded, those that the kernel forwarded, by direction.',
  },
  {
    list: 'data path',
    pattern: /^fast-path\.(uplink|downlink)\.octets$/,
    family: 'fast_path_forwarded_bytes_total',
    labels: { direction: '$1' },
    help: 'Of the octets that were forwarded, those that the kernel forwarded, by direction.',
  },
  {
    list: 'pair',
    pattern: /^switchover\.(?!refused$)(.+)$/,
    family: 'srp_switchovers_total',
    labels: { reason: '$1' },
    help: 'Times that this chassis took the role, by the reason.',
  },
  {
    list: 'management',
    pattern: /^api\.refused\.(.+)$/,
    family: 'api_refused_total',
    labels: { reason: '$1' },
    help: 'Requests and connections that the management API refused, by the reason.',
  },
  {
    list: 'pair',
    pattern: /^resynchronisation\.(.+)$/,
    family: 'srp_resynchronisations_total',
    labels: { reason: '$1' },
    help: 'Times that all sessions, or those of some buckets, were sent again, by the reason.',
  },
];

const listPrefix: Readonly<Record<CounterList, string>> = {
  service: '',
  'data path': '',
  pair: 'srp_',
  management: '',
};

interface Place {
  readonly name: string;
  readonly labels: Labels;
  readonly help: string;
}

/** The family and labels of a counter, by its name alone. */
export function placeOf({ list, name }: Pick<CounterOf, 'list' | 'name'>): Place {
  for (const { list: ofList, pattern, family, labels, help } of groupings) {
    const found = ofList === list ? pattern.exec(name) : null;
    if (found === null) continue;
    const fill = (text: string): string => text.replace(/\$(\d)/g, (_, index: string) => found[Number(index)]!);
    const filled = Object.entries(labels).map(([label, text]) => [label, fill(text)] as const);
    return {
      name: `samog_${fill(family).replaceAll(/[.-]/g, '_')}`,
      labels: Object.fromEntries(filled),
      help: fill(help),
    };
  }
  const sentence = counterSentences[list]?.[name];
  return {
    name: `samog_${listPrefix[list]}${name.replaceAll(/[.-]/g, '_')}_total`,
    labels: {},
    help: sentence ?? `Counter ${name}.`,
  };
}

/** Every counter as a series of a family. */
export const counterMetrics: readonly Metric[] = families();

function families(): Metric[] {
  const byName = new Map<string, { readonly place: Place; readonly members: [CounterOf, Labels][] }>();
  for (const counter of allCounters) {
    const place = placeOf(counter);
    const family = byName.get(place.name) ?? { place, members: [] };
    family.members.push([counter, place.labels]);
    byName.set(place.name, family);
  }
  return [...byName.values()].map(({ place, members }) => ({
    name: place.name,
    type: 'counter',
    help: place.help,
    labels: Object.keys(place.labels) as LabelName[],
    samples: (source) =>
      members.flatMap(([counter, labels]) => {
        const value = counter.read(source);
        return value === undefined ? [] : [{ labels, value }];
      }),
  }));
}
