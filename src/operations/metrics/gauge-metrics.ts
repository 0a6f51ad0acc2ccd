import { handoffKinds } from '../../services/samog/statistics.ts';
import { type ChassisState, chassisStates } from '../../wire/srp/names.ts';
import { alarmNames } from '../alarms/alarm-catalogue.ts';
import { alarmSentences } from '../alarms/pair-alarms.ts';
import { alarmsNow } from '../views/alarms.ts';
import { cgwService } from '../views/cgw-service.ts';
import { repairedBy } from '../views/forwarding-reader.ts';
import { type MrmeServiceData, mrmeService } from '../views/mrme-service.ts';
import { lastSwitchoverOf } from '../views/srp/srp-info.ts';
import { stateWords } from '../views/srp/words.ts';
import type { HostReport, Moment, SocketReport, View, ViewSource } from '../views/view.ts';
import { gauge, labelled, type Metric } from './metric.ts';

/** LMAs that have a series of their own: their number is the only one that a configuration does not bound. */
const lmasMax = 1000;

/** The data of a view that cannot refuse. */
function dataOf<Data>(view: View<Data>, source: ViewSource, at: Moment): Data {
  const outcome = view.build(source, at, {});
  if (!outcome.ok) throw new Error(outcome.refusal.what);
  return outcome.data;
}

type Server = MrmeServiceData['servers'][number];

/** Of each server; its port of accounting lives and dies by itself. */
function ofServers(type: Metric['type'], name: string, help: string, value: (server: Server) => number): Metric {
  return labelled(type, name, help, 'server', (source, at) =>
    dataOf(mrmeService, source, at).servers.map((server) => [server.name, value(server)] as const),
  );
}

function ofAccountingServers(
  type: Metric['type'],
  name: string,
  help: string,
  value: (server: Server) => number,
): Metric {
  return labelled(type, name, help, 'server', (source, at) =>
    dataOf(mrmeService, source, at).accounting.servers.map((server) => [server.name, value(server)] as const),
  );
}

type SocketCount =
  | 'packetsReceived'
  | 'packetsSent'
  | 'sendsRefused'
  | 'receivesTruncated'
  | 'receiveFaults'
  | 'kernelDrops';

/** The channels of a port together. */
function ofSockets(name: string, help: string, count: SocketCount): Metric {
  return labelled('counter', name, help, 'port', (source) => {
    const sums = new Map<string, number>();
    for (const socket of source.host().sockets)
      sums.set(socket.port, (sums.get(socket.port) ?? 0) + countOf(socket, count));
    return sums;
  });
}

function countOf(socket: SocketReport, count: SocketCount): number {
  return socket[count] ?? 0;
}

function ofHost(type: Metric['type'], name: string, help: string, value: (host: HostReport) => number): Metric {
  return { ...gauge(name, help, (source) => value(source.host())), type };
}

const seconds = (ms: number | undefined): number | undefined => (ms === undefined ? undefined : ms / 1000);
const bit = (is: boolean): number => (is ? 1 : 0);

const sessionMetrics: readonly Metric[] = [
  gauge(
    'samog_uptime_seconds',
    'Time since the gateway started.',
    ({ startedAt }, { now }) => (now - startedAt) / 1000,
  ),
  labelled('gauge', 'samog_sessions', 'Sessions, by the access type that they are on.', 'access', ({ manager }) => [
    ['pmip', manager.registry.ofType.pmipv6],
    ['eogre', manager.registry.ofType.dhcp],
  ]),
  labelled('gauge', 'samog_session_states', 'Sessions, by the state that they are in.', 'state', ({ manager }) =>
    Object.entries(manager.registry.inState),
  ),
  gauge('samog_sessions_max', 'Sessions that there may be.', ({ manager }) => manager.registry.sessionsMax),
  labelled('gauge', 'samog_handoffs_in_progress', 'Handovers begun and not decided, by kind.', 'kind', ({ manager }) =>
    handoffKinds.map((kind) => [kind, manager.registry.handoffsInProgress[kind]] as const),
  ),
];

const peerMetrics: readonly Metric[] = [
  ofServers(
    'gauge',
    'samog_radius_server_up',
    '1 while the RADIUS server is used, 0 while it is taken for dead.',
    ({ state }) => bit(state === 'up'),
  ),
  ofServers(
    'gauge',
    'samog_radius_server_outstanding',
    'Requests that wait for an answer.',
    ({ outstanding }) => outstanding,
  ),
  ofServers(
    'counter',
    'samog_radius_server_requests_total',
    'Requests sent to it for the first time.',
    ({ sent }) => sent,
  ),
  ofServers(
    'counter',
    'samog_radius_server_timeouts_total',
    'Times that it did not answer in time.',
    ({ timeouts }) => timeouts,
  ),
  ofAccountingServers(
    'gauge',
    'samog_accounting_server_up',
    '1 while the accounting port of the RADIUS server is used, 0 while it is taken for dead.',
    ({ state }) => bit(state === 'up'),
  ),
  ofAccountingServers(
    'gauge',
    'samog_accounting_server_outstanding',
    'Accounting requests that wait for an answer.',
    ({ outstanding }) => outstanding,
  ),
  ofAccountingServers(
    'counter',
    'samog_accounting_server_requests_total',
    'Accounting requests sent to it for the first time.',
    ({ sent }) => sent,
  ),
  ofAccountingServers(
    'counter',
    'samog_accounting_server_timeouts_total',
    'Times that its accounting port did not answer in time.',
    ({ timeouts }) => timeouts,
  ),
  gauge(
    'samog_radius_requests_waiting',
    'Requests that wait for a free identifier.',
    (source, at) => dataOf(mrmeService, source, at).waiting,
  ),
  gauge(
    'samog_accounting_owing_sessions',
    'Sessions, live or over, with an accounting record that AAA has not acknowledged.',
    ({ manager }, { now }) => manager.accounting.status(now).owing,
  ),
  gauge(
    'samog_accounting_records_underway',
    'Accounting records on their way to AAA.',
    ({ manager }, { now }) => manager.accounting.status(now).underway,
  ),
  labelled('gauge', 'samog_lma_up', '1 unless the LMA has missed its heartbeats.', 'server', (source, at) =>
    dataOf(cgwService, source, at)
      .lmas.slice(0, lmasMax)
      .map(({ address, state }) => [address, bit(state !== 'down')] as const),
  ),
];

const alarmMetrics: readonly Metric[] = [
  labelled('gauge', 'samog_standing_alarms', 'Alarms that stand, by name.', 'reason', (source, at) => {
    const standing = alarmsNow(source, at);
    return alarmNames.map((name) => [name, standing.filter(({ alarm }) => alarm === name).length] as const);
  }),
  gauge(
    'samog_unacknowledged_alarms',
    'Alarms that stand and that nobody has acknowledged.',
    (source, at) => alarmsNow(source, at).filter(({ acknowledged }) => acknowledged === null).length,
  ),
];

function ofReceivers(
  type: Metric['type'],
  name: string,
  help: string,
  count: 'sent' | 'failed' | 'dropped' | 'waiting',
): Metric {
  return labelled(type, name, help, 'server', ({ notifications }) =>
    (notifications?.sinks() ?? []).map((sink) => [sink.name, sink[count]] as const),
  );
}

const notificationMetrics: readonly Metric[] = [
  ofReceivers('counter', 'samog_notifications_sent_total', 'Notifications told, by receiver; by UDP, sent.', 'sent'),
  ofReceivers('counter', 'samog_notification_failures_total', 'Attempts to tell that failed, by receiver.', 'failed'),
  ofReceivers(
    'counter',
    'samog_notifications_dropped_total',
    'Notifications not told, for too many waited.',
    'dropped',
  ),
  ofReceivers('gauge', 'samog_notifications_waiting', 'Notifications that wait for their receiver.', 'waiting'),
  {
    ...gauge(
      'samog_notifications_suppressed_total',
      'Events that nobody was told of, because there were too many in a second.',
      ({ notifications }) => notifications?.suppressed,
    ),
    type: 'counter',
  },
];

const hostMetrics: readonly Metric[] = [
  ofSockets('samog_socket_received_packets_total', 'Packets received, by port.', 'packetsReceived'),
  ofSockets('samog_socket_sent_packets_total', 'Packets sent, by port.', 'packetsSent'),
  ofSockets('samog_socket_refused_packets_total', 'Packets that the kernel did not send, by port.', 'sendsRefused'),
  ofSockets(
    'samog_socket_truncated_packets_total',
    'Packets received that were too long, by port.',
    'receivesTruncated',
  ),
  ofSockets(
    'samog_socket_dropped_packets_total',
    'Packets that the kernel dropped because they were not taken in time, by port.',
    'kernelDrops',
  ),
  ofHost('counter', 'samog_faults_total', 'Faults of the gateway itself that were contained.', ({ faults }) => faults),
  ofHost(
    'counter',
    'samog_unroutable_packets_total',
    'Packets for which there was no socket to send from.',
    ({ sendsUnroutable }) => sendsUnroutable,
  ),
  ofHost(
    'gauge',
    'samog_event_loop_stall_worst_seconds',
    'How long a packet may have waited for the event loop at worst, since the start.',
    ({ stall }) => stall.worstMs / 1000,
  ),
  ofHost(
    'gauge',
    'samog_event_loop_stall_p99_seconds',
    'The same, but for one sample of a hundred.',
    ({ stall }) => stall.percentile99Ms / 1000,
  ),
  gauge(
    'samog_events',
    'Messages and decisions since the start that were remembered or could have been.',
    ({ events }) => events.count,
  ),
];

const pairMetrics: readonly Metric[] = [
  labelled(
    'gauge',
    'samog_srp_state',
    '1 for the state that this chassis is in, 0 for the others.',
    'state',
    ({ redundancy }) =>
      redundancy === undefined
        ? []
        : (Object.keys(chassisStates) as ChassisState[]).map(
            (state) => [stateWords[state], bit(redundancy.pair.chassis.state.kind === state)] as const,
          ),
  ),
  gauge(
    'samog_srp_serving',
    '1 while this chassis serves.',
    ({ redundancy }) => redundancy && bit(redundancy.pair.serves),
  ),
  gauge(
    'samog_srp_connected',
    '1 while there is a connection to the peer.',
    ({ redundancy }) => redundancy && bit(redundancy.pair.chassis.peer.link.kind === 'up'),
  ),
  gauge(
    'samog_srp_standby_ready',
    'Of the active: 1 while its peer holds all sessions. Of the standby: 1 while it does itself.',
    ({ redundancy }) => {
      if (redundancy === undefined) return undefined;
      const { chassis, serves } = redundancy.pair;
      return bit(serves ? chassis.peer.hello?.ready === true && !chassis.peer.silent : chassis.synchronisation.ready);
    },
  ),
  gauge(
    'samog_srp_records',
    'Sessions of the peer that this chassis holds a record of.',
    ({ redundancy }) => redundancy?.pair.records,
  ),
  gauge(
    'samog_srp_unprotected_sessions',
    'Sessions that were promised more than the standby has acknowledged.',
    ({ redundancy }, { now }) => redundancy?.pair.replication(now).sender?.unprotectedSessions,
  ),
  gauge(
    'samog_srp_checkpoint_lag_records',
    'Records that the standby has not acknowledged.',
    ({ redundancy }, { now }) => redundancy?.pair.replication(now).sender?.lagRecords,
  ),
  gauge('samog_srp_checkpoint_lag_seconds', 'Age of the oldest of them.', ({ redundancy }, { now }) =>
    seconds(redundancy?.pair.replication(now).sender?.lagMs),
  ),
  gauge(
    'samog_srp_last_switchover_timestamp_seconds',
    'When this chassis last began to take the role or to leave it, in Unix time.',
    ({ redundancy }, at) => {
      const last = redundancy === undefined ? null : lastSwitchoverOf(redundancy.pair.chassis, at);
      return last === null ? undefined : Date.parse(last.at) / 1000;
    },
  ),
  labelled('gauge', 'samog_alarm', '1 for each alarm that stands, 0 for the others.', 'reason', ({ redundancy }) =>
    redundancy === undefined
      ? []
      : Object.keys(alarmSentences).map(
          (alarm) => [alarm, bit((redundancy.pair.chassis.alarms as readonly string[]).includes(alarm))] as const,
        ),
  ),
  labelled('gauge', 'samog_srp_monitor_up', '1 while what the monitor watches answers.', 'server', ({ redundancy }) =>
    (redundancy?.monitors() ?? []).map(({ name, healthy }) => [name, bit(healthy)] as const),
  ),
];

const recoveryMetrics: readonly Metric[] = [
  gauge('samog_recovery_failing', '1 while what is to be kept on disk cannot be written.', (source) => {
    const recovery = source.recovery();
    return recovery && bit(recovery.store.failing !== undefined);
  }),
  gauge(
    'samog_recovery_waiting_sessions',
    'Sessions that have changed and are not on disk yet.',
    (source) => source.recovery()?.writer?.waiting,
  ),
];

const forwardingMetrics: readonly Metric[] = [
  labelled(
    'gauge',
    'samog_fast_path_mode',
    'How established sessions are forwarded: 1 for the mode there is.',
    'state',
    (source) => {
      const { mode } = source.forwarding.status();
      return (['native', 'generic', 'off'] as const).map((each) => [each, bit(each === mode)] as const);
    },
  ),
  gauge(
    'samog_fast_path_sessions',
    'Sessions that the kernel knows, forwarded or held back.',
    ({ forwarding }) => forwarding.status().sessions,
  ),
  {
    ...gauge(
      'samog_fast_path_failures_total',
      'Changes of the forwarding that the kernel refused.',
      ({ forwarding }) => forwarding.status().failures,
    ),
    type: 'counter',
  },
  gauge(
    'samog_forwarding_audit_repaired',
    'Entries that the last audit of the forwarding found wrong.',
    ({ forwarding }) => {
      const { audit } = forwarding.status();
      return audit && repairedBy(audit);
    },
  ),
];

/** Everything that is not counted but is so now, and what servers and sockets have counted. */
export const gaugeMetrics: readonly Metric[] = [
  ...sessionMetrics,
  ...peerMetrics,
  ...alarmMetrics,
  ...notificationMetrics,
  ...hostMetrics,
  ...forwardingMetrics,
  ...pairMetrics,
  ...recoveryMetrics,
];
