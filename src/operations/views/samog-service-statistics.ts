import { downlinkDropped, downlinkDrops, uplinkDropped, uplinkDrops } from '../../forwarding/counters.ts';
import {
  accessRadiusDiscards,
  dynamicAuthorizationCounters,
  dynamicAuthorizationDiscards,
  type EndReason,
  endReasons,
  type SamogCounter,
  setupFailures,
} from '../../services/samog/statistics.ts';
import type { ManagerReader } from '../../sessmgr/manager-reader.ts';
import { countsOf, labelOf, pairLine, pairLines, wideColumns } from './format.ts';
import {
  type HandoffStatistics,
  handoffStatisticsOf,
  ownHandoffLines,
  seedHandoffLines,
} from './handoff-statistics.ts';
import { shown, type View } from './view.ts';

type Counts = Readonly<Record<string, number>>;

/** The statistics of the SaMOG service. Every record of counts has its names in camelCase, in the order shown. */
export interface SamogServiceStatistics {
  readonly service: string;
  readonly mrme: {
    readonly session: Counts;
    /** By who ended the session; `total` first. */
    readonly disconnected: Counts;
    readonly disconnectReasons: Counts;
    readonly setupFailures: Counts;
    readonly radius: Counts;
    readonly radiusDiscarded: Counts;
    /** Toward WLCs and access points that speak RADIUS. */
    readonly accessRadius: Counts;
    /** Records of WLCs. */
    readonly accessAccounting: Counts;
    readonly accessRadiusDiscarded: Counts;
    /** Records of the gateway's own accounts. */
    readonly accounting: Counts;
    readonly dynamicAuthorization: Counts;
    readonly dynamicAuthorizationDiscarded: Counts;
  };
  readonly cgw: {
    readonly session: Counts;
    readonly bindingUpdatesReceived: Counts;
    /** By kind: `initial`, `refresh`, `handoff`, `deregistration`. */
    readonly bindingUpdates: Readonly<Record<string, Counts>>;
    readonly pmipv6Discarded: Counts;
    readonly s2aBindingUpdatesSent: Counts;
    readonly bindingAcknowledgementsReceived: Counts;
    readonly s2aDiscarded: Counts;
    readonly revocation: Counts;
    readonly heartbeat: Counts;
    readonly dhcp: Counts;
    readonly dhcpDiscarded: Counts;
    readonly data: Counts;
    readonly uplinkDropped: Counts;
    readonly downlinkDropped: Counts;
  };
  readonly handoffs: HandoffStatistics;
}

/** Who ends a session for a reason. */
const endedBy: Readonly<Record<EndReason, 'locally' | 'byUe' | 'byNas' | 'byCgw' | 'byAaa'>> = {
  'ue-release': 'byUe',
  'address-declined': 'byUe',
  'mag-deregistration': 'byNas',
  'lma-revocation': 'byCgw',
  'lma-rejected-refresh': 'byCgw',
  'lma-unreachable': 'byCgw',
  'session-timeout': 'locally',
  'idle-timeout': 'locally',
  'lease-expired': 'locally',
  'binding-expired': 'locally',
  operator: 'locally',
  'never-attached': 'locally',
  'aaa-disconnect': 'byAaa',
  reauthorised: 'byAaa',
  'reauthentication-failed': 'byAaa',
  'nas-stop': 'byNas',
  'subscriber-changed': 'byUe',
};

/** What the service has counted since the start, by its two parts: MRME (authentication) and CGW (access and S2a). */
export function samogServiceStatisticsOf(manager: ManagerReader): SamogServiceStatistics {
  return {
    service: manager.config.samogService.name,
    mrme: mrmeStatistics(manager),
    cgw: cgwStatistics(manager),
    handoffs: handoffStatisticsOf(manager.counters, manager.registry.handoffsInProgress),
  };
}

const wlcRecords = ['start', 'interim', 'stop', 'on', 'off'] as const;
const accessRecordCounts = [
  ...wlcRecords.flatMap((status) =>
    (['received', 'retransmitted', 'sent'] as const).map((what) => `${status}.${what}` as const),
  ),
  'start.late',
] as const;
/** As the operator's `show samog-service statistics` calls them. */
const wlcRecordNames = {
  start: 'Start Req',
  interim: 'Interim Updt',
  stop: 'Stop Req',
  on: 'Accounting On',
  off: 'Accounting Off',
} as const;

const accountingCounts = [
  'on.sent',
  'on.acknowledged',
  'on.given-up',
  'off.sent',
  'off.acknowledged',
  'off.given-up',
  'start.owed',
  'start.acknowledged',
  'start.repeated',
  'interim.owed',
  'interim.acknowledged',
  'interim.repeated',
  'interim.superseded',
  'stop.owed',
  'stop.acknowledged',
  'stop.repeated',
  'stop.dropped',
] as const;

function mrmeStatistics({ counters, registry }: ManagerReader): SamogServiceStatistics['mrme'] {
  const disconnected = { total: 0, locally: 0, byUe: 0, byNas: 0, byCgw: 0, byAaa: 0 };
  for (const reason of endReasons) {
    const count = counters.get(`session.ended.${reason}`);
    disconnected.total += count;
    disconnected[endedBy[reason]] += count;
  }
  return {
    session: {
      attempted: counters.get('session.attempted'),
      setup: counters.get('session.setup'),
      current: registry.size,
      released: counters.get('session.released'),
      aborted: counters.get('session.aborted'),
      crashed: counters.get('session.crashed'),
      managerRestarts: counters.get('session-manager.restarted'),
      reauthenticated: counters.get('session.reauthenticated'),
    },
    disconnected,
    disconnectReasons: countsOf(endReasons, (reason) => counters.get(`session.ended.${reason}`)),
    setupFailures: countsOf(setupFailures, (reason) => counters.get(`session.failed.${reason}`)),
    radius: {
      accessRequestSent: counters.get('radius.access-request.sent'),
      accessRequestRetransmitted: counters.get('radius.access-request.retransmitted'),
      accessAcceptReceived: counters.get('radius.access-accept.received'),
      accessRejectReceived: counters.get('radius.access-reject.received'),
      accessChallengeReceived: counters.get('radius.access-challenge.received'),
      accountingRequestSent: counters.get('radius.accounting-request.sent'),
      accountingRequestRetransmitted: counters.get('radius.accounting-request.retransmitted'),
      accountingResponseReceived: counters.get('radius.accounting-response.received'),
      disconnectRequestSent: counters.get('radius.disconnect-request.sent'),
      disconnectRequestRetransmitted: counters.get('radius.disconnect-request.retransmitted'),
      disconnectAckReceived: counters.get('radius.disconnect-ack.received'),
      disconnectNakReceived: counters.get('radius.disconnect-nak.received'),
      statusServerSent: counters.get('radius.status-server.sent'),
      statusServerAnswered: counters.get('radius.status-server.answered'),
      timeout: counters.get('radius.timeout'),
      refusedQueueFull: counters.get('radius.refused.queue-full'),
      congestionControlPolicyApplied: counters.get('congestion.applied'),
    },
    radiusDiscarded: countsOf(
      [
        'malformed',
        'unknown-server',
        'unmatched',
        'late',
        'duplicate',
        'bad-authenticator',
        'no-message-authenticator',
      ] as const,
      (reason) => counters.get(`radius.discarded.${reason}`),
    ),
    accessRadius: {
      accessRequestReceived: counters.get('access-radius.access-request.received'),
      accessRequestRetransmitted: counters.get('access-radius.access-request.retransmitted'),
      accessAcceptSent: counters.get('access-radius.accept.sent'),
      accessRejectSent: counters.get('access-radius.reject.sent'),
      accessChallengeSent: counters.get('access-radius.challenge.sent'),
      statusServerReceived: counters.get('access-radius.status-server.received'),
      eapOversized: counters.get('relay.oversized'),
      tooLong: counters.get('relay.too-long'),
    },
    accessAccounting: countsOf(accessRecordCounts, (name) => counters.get(`access-radius.${name}`)),
    accessRadiusDiscarded: countsOf([...accessRadiusDiscards, 'no-session'] as const, (reason) =>
      counters.get(`access-radius.discarded.${reason}`),
    ),
    accounting: countsOf(accountingCounts, (name) => counters.get(`accounting.${name}`)),
    dynamicAuthorization: countsOf(dynamicAuthorizationCounters, (name) => counters.get(name)),
    dynamicAuthorizationDiscarded: countsOf(dynamicAuthorizationDiscards, (reason) =>
      counters.get(`dynamic-authorization.discarded.${reason}`),
    ),
  };
}

const bindingUpdateKinds = ['initial', 'refresh', 'handoff', 'deregistration'] as const;
const s2aPurposes = ['initial', 'refresh', 'deregistration'] as const;

type CgwStatistics = SamogServiceStatistics['cgw'];
type Get = (name: SamogCounter) => number;

function cgwStatistics(manager: ManagerReader): CgwStatistics {
  const { counters, registry } = manager;
  const get = (name: SamogCounter) => counters.get(name);
  return {
    session: {
      current: registry.size,
      pmipv6Triggered: registry.ofType.pmipv6,
      dhcpTriggered: registry.ofType.dhcp,
      authenticating: registry.inState.Authenticating,
      binding: registry.inState.Binding,
      admitted: registry.inState.Admitted,
      established: registry.inState.Established,
      released: registry.inState.Released,
      deregistered: registry.inState.Deregistered,
      disconnecting: registry.inState.Disconnecting,
      owing: registry.inState.Owing,
    },
    ...accessPmipv6Statistics(get),
    ...s2aPmipv6Statistics(get),
    revocation: {
      briSent: get('bri.sent'),
      briRetransmitted: get('bri.retransmitted'),
      briUnanswered: get('bri.unanswered'),
      braReceived: get('bra.received'),
      s2aBriReceived: get('s2a.bri.received'),
      s2aBraSent: get('s2a.bra.sent'),
    },
    heartbeat: heartbeatStatistics(get),
    ...dhcpStatistics(get),
    ...dataStatistics(manager),
  };
}

function sum(get: Get, names: readonly SamogCounter[]): number {
  return names.reduce((total, name) => total + get(name), 0);
}

function accessPmipv6Statistics(
  get: Get,
): Pick<CgwStatistics, 'bindingUpdatesReceived' | 'bindingUpdates' | 'pmipv6Discarded'> {
  const of = (what: 'accepted' | 'denied') => bindingUpdateKinds.map((kind) => `pbu.${kind}.${what}` as const);
  return {
    bindingUpdatesReceived: {
      received: get('pbu.received'),
      accepted: sum(get, of('accepted')),
      denied: sum(get, of('denied')),
      retransmitted: get('pbu.retransmitted'),
      acknowledgementsSent: get('pba.sent'),
    },
    bindingUpdates: Object.fromEntries(
      bindingUpdateKinds.map((kind) => [
        kind,
        {
          received: get(`pbu.${kind}.received`),
          accepted: get(`pbu.${kind}.accepted`),
          denied: get(`pbu.${kind}.denied`),
        },
      ]),
    ),
    pmipv6Discarded: countsOf(['malformed', 'unsupported', 'unknown-client', 'stale'] as const, (reason) =>
      get(`pmipv6.discarded.${reason}`),
    ),
  };
}

function s2aPmipv6Statistics(
  get: Get,
): Pick<CgwStatistics, 's2aBindingUpdatesSent' | 'bindingAcknowledgementsReceived' | 's2aDiscarded'> {
  const sent = s2aPurposes.flatMap(
    (purpose) => [`s2a.pbu.${purpose}.sent`, `s2a.pbu.${purpose}.retransmitted`] as const,
  );
  return {
    s2aBindingUpdatesSent: {
      total: sum(get, sent),
      initXmit: get('s2a.pbu.initial.sent'),
      initReXmit: get('s2a.pbu.initial.retransmitted'),
      renewXmit: get('s2a.pbu.refresh.sent'),
      renewReXmit: get('s2a.pbu.refresh.retransmitted'),
      deregXmit: get('s2a.pbu.deregistration.sent'),
      deregReXmit: get('s2a.pbu.deregistration.retransmitted'),
    },
    bindingAcknowledgementsReceived: {
      total: get('s2a.pba.received'),
      accepted: get('s2a.pba.accepted'),
      denied: get('s2a.pba.denied'),
      unmatched: get('s2a.pba.unmatched'),
    },
    s2aDiscarded: countsOf(['malformed', 'unsupported', 'unknown-peer'] as const, (reason) =>
      get(`s2a.discarded.${reason}`),
    ),
  };
}

function heartbeatStatistics(get: Get): CgwStatistics['heartbeat'] {
  return {
    accessReceived: get('heartbeat.access.received'),
    accessAnswered: get('heartbeat.access.answered'),
    accessSent: get('heartbeat.access.sent'),
    accessMissed: get('heartbeat.access.missed'),
    accessUnmatched: get('heartbeat.access.unmatched'),
    accessRestarted: get('heartbeat.access.restarted'),
    s2aReceived: get('s2a.heartbeat.received'),
    s2aAnswered: get('s2a.heartbeat.answered'),
    s2aSent: get('s2a.heartbeat.sent'),
    s2aMissed: get('s2a.heartbeat.missed'),
    s2aUnmatched: get('s2a.heartbeat.unmatched'),
    s2aRestarted: get('s2a.lma-restarted'),
  };
}

function dhcpStatistics(get: Get): Pick<CgwStatistics, 'dhcp' | 'dhcpDiscarded'> {
  return {
    dhcp: {
      discoverReceived: get('dhcp.discover'),
      offerSent: get('dhcp.offer'),
      requestReceived: get('dhcp.request'),
      ackSent: get('dhcp.ack'),
      nakSent: get('dhcp.nak'),
      declineReceived: get('dhcp.decline'),
      releaseReceived: get('dhcp.release'),
      informReceived: get('dhcp.inform'),
      retransmitted: get('dhcp.retransmitted'),
    },
    dhcpDiscarded: countsOf(
      ['malformed', 'not-for-us', 'no-session', 'mac-mismatch', 'client-not-in-profile'] as const,
      (reason) => get(`dhcp.discarded.${reason}`),
    ),
  };
}

function dataStatistics({
  counters,
  forwardingCounters: forwarding,
}: ManagerReader): Pick<CgwStatistics, 'data' | 'uplinkDropped' | 'downlinkDropped'> {
  return {
    data: {
      uplinkPackets: forwarding.get('uplink.packets'),
      downlinkPackets: forwarding.get('downlink.packets'),
      uplinkOctets: forwarding.get('uplink.octets'),
      downlinkOctets: forwarding.get('downlink.octets'),
      uplinkFragments: forwarding.get('uplink.fragments'),
      downlinkFragments: forwarding.get('downlink.fragments'),
      dhcpDelivered: forwarding.get('dhcp.delivered'),
      echoAnswered: forwarding.get('echo.answered'),
      arpAnswered: forwarding.get('arp.answered'),
      arpAnnounced: forwarding.get('arp.announced'),
      routerAnnouncements: counters.get('garp.sent'),
      mssClamped: forwarding.get('mss.clamped'),
      icmpTimeExceededSent: forwarding.get('icmp.time-exceeded.sent'),
      icmpFragmentationNeededSent: forwarding.get('icmp.fragmentation-needed.sent'),
      icmpRateLimited: forwarding.get('icmp.rate-limited'),
      icmpSuppressed: forwarding.get('icmp.suppressed'),
    },
    uplinkDropped: countsOf(uplinkDrops, (reason) => forwarding.get(uplinkDropped[reason])),
    downlinkDropped: countsOf(downlinkDrops, (reason) => forwarding.get(downlinkDropped[reason])),
  };
}

const inner = { ...wideColumns, label: 5 };
const innermost = { ...wideColumns, label: 7 };

function listed(counts: Counts, columns = inner, prefix = ''): string[] {
  const pairs = Object.entries(counts).map(([name, count]): [string, number] => [prefix + labelOf(name), count]);
  return pairLines(columns, pairs);
}

function section(title: string, counts: Counts): string[] {
  return [`  ${title}:`, ...listed(counts)];
}

/** One on a line: the names are long. */
function singles(pairs: readonly (readonly [string, number])[]): string[] {
  return pairs.map((pair) => pairLine({ ...inner, valueEnd: 56 }, pair));
}

function wlcRecordLines(counts: Counts, status: keyof typeof wlcRecordNames): string[] {
  const name = wlcRecordNames[status];
  const response = name.replace(/ Req$/, '');
  return singles([
    [`Total ${name} rcvd`, counts[`${status}Received`]!],
    [`Total ${name} (Retransmitted) rcvd`, counts[`${status}Retransmitted`]!],
    ...(status === 'start' ? ([[`Total ${name} (Late) rcvd`, counts['startLate']!]] as const) : []),
    [`Total ${response} Rsp sent`, counts[`${status}Sent`]!],
  ]);
}

function mrmeLines({ mrme }: SamogServiceStatistics): string[] {
  const { session, disconnected, radius, accessRadius } = mrme;
  return [
    'MRME Service Stats:',
    '  Session Stats:',
    pairLine(inner, ['Total Attempted', session['attempted']!], ['Total Setup', session['setup']!]),
    pairLine(inner, ['Total Current', session['current']!], ['Total Released', session['released']!]),
    pairLine(inner, ['Total Aborted', session['aborted']!], ['Total Crashed', session['crashed']!]),
    pairLine(
      inner,
      ['Total Disconnected', disconnected['total']!],
      ['Total Reauthenticated', session['reauthenticated']!],
    ),
    pairLine(inner, ['Session Manager Restarts', session['managerRestarts']!]),
    pairLine(
      innermost,
      ['Disconnected locally', disconnected['locally']!],
      ['Disconnected by UE', disconnected['byUe']!],
    ),
    pairLine(
      innermost,
      ['Disconnected by NAS', disconnected['byNas']!],
      ['Disconnected by CGW', disconnected['byCgw']!],
    ),
    pairLine(innermost, ['Disconnected by AAA', disconnected['byAaa']!]),
    '    Disconnect Reasons:',
    ...listed(mrme.disconnectReasons, innermost),
    '    Setup Failures:',
    ...listed(mrme.setupFailures, innermost),
    '  Radius Message Stats:',
    ...wlcRecords.flatMap((status) => wlcRecordLines(mrme.accessAccounting, status)),
    ...singles([
      ['Total Access Req rcvd', accessRadius['accessRequestReceived']!],
      ['Total Access Req (Retransmitted) rcvd', accessRadius['accessRequestRetransmitted']!],
      ['Total Access Accept sent', accessRadius['accessAcceptSent']!],
      ['Total Access Reject sent', accessRadius['accessRejectSent']!],
      ['Total Access Challenge sent', accessRadius['accessChallengeSent']!],
      ['Total Status Server rcvd', accessRadius['statusServerReceived']!],
      ['EAP beyond Framed-MTU', accessRadius['eapOversized']!],
      ['Too long to relay', accessRadius['tooLong']!],
      ['Congestion control policy applied', radius['congestionControlPolicyApplied']!],
    ]),
    '    Discarded:',
    ...listed(mrme.accessRadiusDiscarded, innermost),
    '  Radius Message Stats (AAA):',
    ...pairLines(inner, [
      ['Total Access Req sent', radius['accessRequestSent']!],
      ['Access Req (Retransmitted) sent', radius['accessRequestRetransmitted']!],
      ['Total Access Accept rcvd', radius['accessAcceptReceived']!],
      ['Total Access Reject rcvd', radius['accessRejectReceived']!],
      ['Total Access Challenge rcvd', radius['accessChallengeReceived']!],
      ['Total Acct Req sent', radius['accountingRequestSent']!],
      ['Acct Req (Retransmitted) sent', radius['accountingRequestRetransmitted']!],
      ['Total Acct Rsp rcvd', radius['accountingResponseReceived']!],
      ['Total Disc Req sent', radius['disconnectRequestSent']!],
      ['Disc Req (Retransmitted) sent', radius['disconnectRequestRetransmitted']!],
      ['Total Disc ACK rcvd', radius['disconnectAckReceived']!],
      ['Total Disc NAK rcvd', radius['disconnectNakReceived']!],
      ['Total Status Server sent', radius['statusServerSent']!],
      ['Status Server answered', radius['statusServerAnswered']!],
      ['Total Timeout', radius['timeout']!],
      ['Refused (queue full)', radius['refusedQueueFull']!],
    ]),
    '    Discarded:',
    ...listed(mrme.radiusDiscarded, innermost),
    '  Accounting:',
    ...listed(mrme.accounting),
    '  Dynamic Authorization:',
    ...listed(mrme.dynamicAuthorization),
    '    Discarded:',
    ...listed(mrme.dynamicAuthorizationDiscarded, innermost),
  ];
}

const bindingUpdateHeadings = {
  initial: 'Initial Binding Update Requests',
  refresh: 'Refresh Binding Update Requests',
  handoff: 'Handoff Binding Update Requests',
  deregistration: 'Deregistration Binding Update Requests',
} as const;

function bindingLines({ cgw }: SamogServiceStatistics): string[] {
  const total = cgw.bindingUpdatesReceived;
  const sent = cgw.s2aBindingUpdatesSent;
  const discarded = Object.values(cgw.pmipv6Discarded).reduce((sum, count) => sum + count, 0);
  return [
    '  Binding Updates Received:',
    pairLine(inner, ['Total Received', total['received']!], ['Total Accepted', total['accepted']!]),
    pairLine(inner, ['Total Denied', total['denied']!], ['Total Discarded', discarded]),
    pairLine(
      inner,
      ['Retransmitted', total['retransmitted']!],
      ['Acknowledgements Sent', total['acknowledgementsSent']!],
    ),
    ...bindingUpdateKinds.flatMap((kind) => [
      `    ${bindingUpdateHeadings[kind]}:`,
      ...listed(cgw.bindingUpdates[kind]!, innermost),
    ]),
    '    Discarded:',
    ...listed(cgw.pmipv6Discarded, innermost),
    '  S2a Binding Update Sent:',
    pairLine(inner, ['Total', sent['total']!]),
    pairLine(inner, ['Init Request Xmit', sent['initXmit']!], ['Init Request Re-Xmit', sent['initReXmit']!]),
    pairLine(inner, ['Renew Request Xmit', sent['renewXmit']!], ['Renew Request Re-Xmit', sent['renewReXmit']!]),
    pairLine(inner, ['Dereg Request Xmit', sent['deregXmit']!], ['Dereg Request Re-Xmit', sent['deregReXmit']!]),
    ...section('Binding Acknowledgement Rcvd', cgw.bindingAcknowledgementsReceived),
    '    Discarded:',
    ...listed(cgw.s2aDiscarded, innermost),
  ];
}

function cgwLines(statistics: SamogServiceStatistics): string[] {
  const { cgw } = statistics;
  return [
    'CGW Service Stats:',
    ...section('Session Stats', cgw.session),
    ...bindingLines(statistics),
    ...section('Binding Revocation', cgw.revocation),
    ...section('Heartbeat Stats', cgw.heartbeat),
    ...section('DHCP Stats', cgw.dhcp),
    '    Discarded:',
    ...listed(cgw.dhcpDiscarded, innermost),
    ...section('Data Stats', cgw.data),
    '    Uplink Dropped:',
    ...listed(cgw.uplinkDropped, innermost),
    '    Downlink Dropped:',
    ...listed(cgw.downlinkDropped, innermost),
  ];
}

export const samogServiceStatistics: View<SamogServiceStatistics> = {
  words: ['samog-service', 'statistics'],
  summary: 'counters of the SaMOG service, handoffs last',
  role: 'view',
  options: [],
  build: ({ manager }) => shown(samogServiceStatisticsOf(manager)),
  render: (statistics) => [
    'SaMOG Statistics for all services',
    `Service Name: ${statistics.service}`,
    ...mrmeLines(statistics),
    ...cgwLines(statistics),
    ...ownHandoffLines(statistics.handoffs),
    ...seedHandoffLines(statistics.handoffs),
  ],
};
