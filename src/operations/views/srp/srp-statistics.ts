import { formatIp } from '../../../kernel/address.ts';
import { redundancyCounters } from '../../../sessmgr/pair/pair-counters.ts';
import { ageSeconds, camelCase, labelOf, pairLines, timeOf, wideColumns } from '../format.ts';
import type { RedundancyReader, ServiceAddressReport, SrpLinkReport } from '../redundancy-reader.ts';
import { type Moment, shown, type View } from '../view.ts';
import { pairOf } from './pair-of.ts';
import { sortOf } from './srp-checkpoint-statistics.ts';
import { lastSwitchoverOf } from './srp-info.ts';
import { srpLines, srpTime } from './words.ts';

type ListsOfLink = 'refused' | 'goodbyes' | 'counters';

interface ReasonCount {
  readonly reason: string;
  readonly count: number;
}

export interface SrpStatisticsData {
  /** Every counter of the pair, by the part of its name before the first dot. */
  readonly counters: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** Records of the instance and of no session: the maps of names and identifiers. */
  readonly resourceMessages: { readonly sent: number; readonly received: number };
  readonly lastSwitchover: { readonly at: string; readonly atSeconds: number; readonly reason: string } | null;
  readonly link: Omit<SrpLinkReport, 'local' | 'remote' | 'compression' | ListsOfLink | 'lastEnd'> & {
    readonly local: string | null;
    readonly remote: string | null;
    readonly compression: string | null;
    readonly refused: readonly ReasonCount[];
    readonly goodbyes: readonly ReasonCount[];
    /** Those of the link's counters that have no place of their own. */
    readonly counters: readonly { readonly name: string; readonly count: number }[];
    readonly lastEnd: { readonly reason: string; readonly at: string | null; readonly atSeconds: number | null } | null;
  };
  /** Null where the pair has none. */
  readonly serviceAddresses:
    | (Omit<ServiceAddressReport, 'problems' | 'routeHookLast'> & {
        /** With prefix length and interface. */
        readonly addresses: readonly string[];
        readonly problems: readonly { readonly problem: string; readonly count: number }[];
        readonly routeHookLast: {
          readonly role: string;
          readonly routeModifier: number;
          readonly failure: string | null;
        } | null;
      })
    | null;
}

const titles: Readonly<Record<string, string>> = {
  hello: 'Hello Messages',
  connection: 'Connections',
  configuration: 'Configuration Validation',
  switchover: 'Switchovers',
  promotion: 'Promotions',
  handover: 'Hand-overs',
  synchronisation: 'Synchronisations',
  role: 'Role',
  stall: 'Stalls',
  packets: 'Packets',
  records: 'Records',
  stream: 'Streams',
  resynchronisation: 'Resynchronisations',
  audit: 'Audits',
  nack: 'NACKs',
  commit: 'Output Commit',
};

export const srpStatistics: View<SrpStatisticsData> = {
  words: ['srp', 'statistics'],
  summary:
    'hellos, configuration validation, resource messages, switchovers by cause, and everything else that is counted',
  role: 'view',
  options: [],
  build(source, at) {
    const found = pairOf(source);
    if (!found.ok) return found;
    const { pair } = found.value;
    const counts = pair.counts();
    const counters: Record<string, Record<string, number>> = {};
    for (const name of redundancyCounters) {
      const [first, ...rest] = name.split('.');
      const [group, own] = rest.length === 0 ? ['role', first!] : [first!, rest.join('.')];
      counters[camelCase(group)] ??= {};
      counters[camelCase(group)]![camelCase(own)] = counts[name];
    }
    const resources = pair.ledger.checkpoints.view().filter((kind) => sortOf(kind) === 'instance');
    return shown({
      counters,
      resourceMessages: {
        sent: resources.reduce((sum, { sent }) => sum + sent, 0),
        received: resources.reduce((sum, { received }) => sum + received, 0),
      },
      lastSwitchover: lastSwitchoverOf(pair.chassis, at),
      link: linkOf(found.value.link(), at),
      serviceAddresses: addressesOf(found.value),
    });
  },
  render: (data) => [
    ...Object.entries(data.counters).flatMap(([group, counts]) => [
      `${titles[group] ?? labelOf(group)}:`,
      ...pairLines(
        wideColumns,
        Object.entries(counts).map(([name, count]) => [labelOf(name), count]),
      ),
      ...(group === 'switchover'
        ? [
            `  Most Recent: ${data.lastSwitchover === null ? 'None' : `${srpTime(data.lastSwitchover.at, data.lastSwitchover.atSeconds)}, ${data.lastSwitchover.reason}`}`,
          ]
        : []),
    ]),
    'Resource Messages:',
    ...pairLines(wideColumns, [
      ['Sent', data.resourceMessages.sent],
      ['Received', data.resourceMessages.received],
    ]),
    ...linkLines(data.link),
    ...addressLines(data.serviceAddresses),
  ],
};

/** Counters of the link that stand under names of their own in its report. */
const named = /^(refused|goodbye)\.|^(messages|octets|hellos)\.(sent|received)$/;

function linkOf(report: SrpLinkReport, at: Moment): SrpStatisticsData['link'] {
  const { local, remote, compression, refused, goodbyes, counters, lastEnd, ...numbers } = report;
  const byReason = (counts: Readonly<Record<string, number>>): ReasonCount[] =>
    Object.entries(counts).map(([reason, count]) => ({ reason, count }));
  return {
    local: local ?? null,
    remote: remote ?? null,
    compression: compression ?? null,
    ...numbers,
    refused: byReason(refused),
    goodbyes: byReason(goodbyes),
    counters: Object.entries(counters)
      .filter(([name]) => !named.test(name))
      .map(([name, count]) => ({ name, count })),
    lastEnd:
      lastEnd === undefined
        ? null
        : { reason: lastEnd.reason, at: timeOf(lastEnd.at, at), atSeconds: ageSeconds(lastEnd.at, at) },
  };
}

function addressesOf({ config, serviceAddresses }: RedundancyReader): SrpStatisticsData['serviceAddresses'] {
  const report = serviceAddresses();
  if (report === undefined) return null;
  const { problems, routeHookLast: last, ...others } = report;
  return {
    addresses: config.serviceAddresses.map(
      ({ address, prefixLength, interface: name }) => `${formatIp(address)}/${prefixLength} ${name}`,
    ),
    ...others,
    problems: Object.entries(problems).map(([problem, count]) => ({ problem, count })),
    routeHookLast: last === undefined ? null : { ...last, failure: last.failure ?? null },
  };
}

function addressLines(report: SrpStatisticsData['serviceAddresses']): string[] {
  if (report === null) return ['Service Addresses: none'];
  const { routeHookLast: hook } = report;
  const told = hook === null ? 'nothing yet' : `${hook.role} ${hook.routeModifier}`;
  return [
    `Service Addresses: ${report.held ? 'Held' : 'Not held'}`,
    ...report.addresses.map((address) => `  ${address}`),
    ...pairLines(wideColumns, [
      ['Taken', report.taken],
      ['Released', report.released],
      ['Lost', report.lost],
      ['Keeper restarts', report.keeperRestarts],
      ['Announcements sent', report.announcementsSent],
      ['Announcements failed', report.announcementsFailed],
      ['Route changes', report.routeChanges],
      ['Route hook runs', report.routeHookRuns],
      ['Route hook failures', report.routeHookFailures],
      ...report.problems.map(({ problem, count }): [string, number] => [`Problem, ${problem}`, count]),
    ]),
    `  Route hook told: ${told}${hook?.failure == null ? '' : `, failed: ${hook.failure}`}`,
  ];
}

function linkLines(link: SrpStatisticsData['link']): string[] {
  const { lastEnd } = link;
  return [
    'SRP Link:',
    ...srpLines([
      ['  Local', link.local ?? 'None'],
      ['  Remote', link.remote ?? 'None'],
      ['  Compression', link.compression ?? 'None'],
      ['  Last End', lastEnd === null ? 'None' : `${srpTime(lastEnd.at, lastEnd.atSeconds)}, ${lastEnd.reason}`],
    ]),
    ...pairLines(wideColumns, [
      ['Messages sent', link.messagesSent],
      ['Messages received', link.messagesReceived],
      ['Octets sent', link.octetsSent],
      ['Octets received', link.octetsReceived],
      ['Hellos sent', link.hellosSent],
      ['Hellos received', link.hellosReceived],
      ['Octets queued', link.queuedOctets],
      ['Octets queued, worst', link.worstQueuedOctets],
      ['Stalls', link.stalls.count],
      ['Stall ms, worst', Math.round(link.stalls.worstMs)],
      ['Thread pause ms, worst', Math.round(link.linkThread.worstPauseMs)],
      ['Delivery ms, worst', Math.round(link.worstDeliveryMs)],
      ...link.counters.map(({ name, count }): [string, number] => [labelOf(name), count]),
      ...link.refused.map(({ reason, count }): [string, number] => [`Refused, ${reason}`, count]),
      ...link.goodbyes.map(({ reason, count }): [string, number] => [`Goodbye, ${reason}`, count]),
    ]),
  ];
}
