import type { GeneratedFile } from './generated-file.ts';

/** A panel: what it draws, and in which unit of Grafana's. */
interface Panel {
  readonly title: string;
  readonly description: string;
  readonly unit: 'short' | 'pps' | 'bps' | 'percentunit' | 's' | 'ops' | 'bytes' | 'bool_on_off' | 'dateTimeFromNow';
  readonly kind: 'timeseries' | 'stat';
  /** Expressions with the legend of their series. */
  readonly queries: readonly (readonly [expr: string, legend: string])[];
}

interface Dashboard {
  readonly uid: string;
  readonly title: string;
  readonly panels: readonly Panel[];
}

const chosen = 'instance=~"$instance"';
const rate = (metric: string, selector = ''): string =>
  `rate(${metric}{${chosen}${selector === '' ? '' : `,${selector}`}}[$__rate_interval])`;
const sumBy = (label: string, expr: string): string => `sum by (${label}) (${expr})`;

const overview: Dashboard = {
  uid: 'samog-overview',
  title: 'SaMOG overview',
  panels: [
    {
      title: 'Sessions',
      description: 'Sessions now, by the access type that they are on.',
      unit: 'short',
      kind: 'timeseries',
      queries: [[`samog_sessions{${chosen}}`, '{{instance}} {{access}}']],
    },
    {
      title: 'Traffic',
      description: 'Octets of UEs’ own packets, without tunnel headers.',
      unit: 'bps',
      kind: 'timeseries',
      queries: [[`8 * ${rate('samog_forwarded_bytes_total')}`, '{{instance}} {{direction}}']],
    },
    {
      title: 'Attaches',
      description: 'Sessions attempted, set up and ended.',
      unit: 'ops',
      kind: 'timeseries',
      queries: [
        [rate('samog_session_attempted_total'), '{{instance}} attempted'],
        [rate('samog_session_setup_total'), '{{instance}} set up'],
        [rate('samog_session_released_total'), '{{instance}} ended'],
      ],
    },
    {
      title: 'Setups that fail, by reason',
      description: 'What to do about each: docs/operations/troubleshooting.md.',
      unit: 'ops',
      kind: 'timeseries',
      queries: [[sumBy('reason', rate('samog_session_failed_total')), '{{reason}}']],
    },
    {
      title: 'RADIUS servers',
      description: '1 while a server is used.',
      unit: 'bool_on_off',
      kind: 'stat',
      queries: [
        [`samog_radius_server_up{${chosen}}`, '{{instance}} {{server}}'],
        [`samog_accounting_server_up{${chosen}}`, '{{instance}} {{server}} accounting'],
      ],
    },
    {
      title: 'LMAs',
      description: '1 unless an LMA has missed its heartbeats.',
      unit: 'bool_on_off',
      kind: 'stat',
      queries: [[`samog_lma_up{${chosen}}`, '{{instance}} {{server}}']],
    },
    {
      title: 'RADIUS requests',
      description: 'Requests to each server, and timeouts.',
      unit: 'ops',
      kind: 'timeseries',
      queries: [
        [rate('samog_radius_server_requests_total'), '{{server}} requests'],
        [rate('samog_radius_server_timeouts_total'), '{{server}} timeouts'],
      ],
    },
    {
      title: 'Load',
      description: 'Processors that the process keeps busy, and sessions as a share of those that there may be.',
      unit: 'percentunit',
      kind: 'timeseries',
      queries: [
        [rate('process_cpu_seconds_total'), '{{instance}} processors'],
        [
          `sum by (instance) (samog_sessions{${chosen}}) / on (instance) samog_sessions_max`,
          '{{instance}} of sessions-max',
        ],
      ],
    },
    {
      title: 'Memory',
      description: 'Resident memory of the gateway’s process.',
      unit: 'bytes',
      kind: 'timeseries',
      queries: [[`process_resident_memory_bytes{${chosen}}`, '{{instance}}']],
    },
    {
      title: 'Event loop',
      description: 'How long a packet may have waited, since the start.',
      unit: 's',
      kind: 'timeseries',
      queries: [
        [`samog_event_loop_stall_worst_seconds{${chosen}}`, '{{instance}} worst'],
        [`samog_event_loop_stall_p99_seconds{${chosen}}`, '{{instance}} p99'],
      ],
    },
  ],
};

const access: Dashboard = {
  uid: 'samog-access',
  title: 'SaMOG access and handover',
  panels: [
    {
      title: 'Handovers accepted',
      description: 'By what moved from where to where.',
      unit: 'ops',
      kind: 'timeseries',
      queries: [[sumBy('kind', rate('samog_handoff_accepted_total')), '{{kind}}']],
    },
    {
      title: 'Handovers denied, by reason',
      description: 'What to do about each: docs/operations/troubleshooting.md.',
      unit: 'ops',
      kind: 'timeseries',
      queries: [[sumBy('reason', rate('samog_handoff_denials_total')), '{{reason}}']],
    },
    {
      title: 'Handovers in progress',
      description: 'Begun and not decided.',
      unit: 'short',
      kind: 'timeseries',
      queries: [[`samog_handoffs_in_progress{${chosen}}`, '{{instance}} {{kind}}']],
    },
    {
      title: 'PBUs',
      description: 'Of access nodes, by what they ask for.',
      unit: 'ops',
      kind: 'timeseries',
      queries: [
        [sumBy('kind', rate('samog_pbu_requests_accepted_total')), '{{kind}} accepted'],
        [sumBy('kind', rate('samog_pbu_requests_denied_total')), '{{kind}} denied'],
      ],
    },
    {
      title: 'DHCP',
      description: 'Messages of UEs behind EoGRE, and answers.',
      unit: 'ops',
      kind: 'timeseries',
      queries: [
        [rate('samog_dhcp_discover_total'), 'DISCOVER'],
        [rate('samog_dhcp_request_total'), 'REQUEST'],
        [rate('samog_dhcp_ack_total'), 'ACK'],
        [rate('samog_dhcp_nak_total'), 'NAK'],
      ],
    },
    {
      title: 'Packets',
      description: 'UEs’ own packets.',
      unit: 'pps',
      kind: 'timeseries',
      queries: [[rate('samog_forwarded_packets_total'), '{{instance}} {{direction}}']],
    },
    {
      title: 'Packets dropped, by reason',
      description: 'docs/operations/counters.md says what each means.',
      unit: 'pps',
      kind: 'timeseries',
      queries: [[sumBy('direction, reason', rate('samog_dropped_packets_total')), '{{direction}} {{reason}}']],
    },
    {
      title: 'Packets that the kernel dropped',
      description: 'They came faster than they were taken.',
      unit: 'pps',
      kind: 'timeseries',
      queries: [[rate('samog_socket_dropped_packets_total'), '{{instance}} {{port}}']],
    },
    {
      title: 'Sessions ended, by reason',
      description: 'Of those that were up.',
      unit: 'ops',
      kind: 'timeseries',
      queries: [[sumBy('reason', rate('samog_session_ended_total')), '{{reason}}']],
    },
    {
      title: 'S2a',
      description: 'PBUs to LMAs, and their answers.',
      unit: 'ops',
      kind: 'timeseries',
      queries: [
        [rate('samog_s2a_pbu_initial_sent_total'), 'initial'],
        [rate('samog_s2a_pbu_refresh_sent_total'), 'refresh'],
        [rate('samog_s2a_pba_denied_total'), 'denied'],
      ],
    },
  ],
};

const redundancy: Dashboard = {
  uid: 'samog-redundancy',
  title: 'SaMOG redundancy',
  panels: [
    {
      title: 'State',
      description: 'The state that each chassis is in.',
      unit: 'short',
      kind: 'stat',
      queries: [[`samog_srp_state{${chosen}} == 1`, '{{instance}} {{state}}']],
    },
    {
      title: 'Alarms',
      description: 'Those that stand: docs/operations/troubleshooting.md has a section for each.',
      unit: 'short',
      kind: 'stat',
      queries: [[`samog_alarm{${chosen}} == 1`, '{{instance}} {{reason}}']],
    },
    {
      title: 'Standby ready, connected',
      description: '1 while the standby holds all sessions; 1 while there is a connection.',
      unit: 'bool_on_off',
      kind: 'timeseries',
      queries: [
        [`samog_srp_standby_ready{${chosen}}`, '{{instance}} ready'],
        [`samog_srp_connected{${chosen}}`, '{{instance}} connected'],
      ],
    },
    {
      title: 'Last switchover',
      description: 'When each chassis last began to take the role or to leave it.',
      unit: 'dateTimeFromNow',
      kind: 'stat',
      queries: [[`1000 * samog_srp_last_switchover_timestamp_seconds{${chosen}}`, '{{instance}}']],
    },
    {
      title: 'Unprotected sessions',
      description: 'A switchover now would lose what they were promised last.',
      unit: 'short',
      kind: 'timeseries',
      queries: [[`samog_srp_unprotected_sessions{${chosen}}`, '{{instance}}']],
    },
    {
      title: 'Records that lag',
      description: 'Not acknowledged by the standby.',
      unit: 'short',
      kind: 'timeseries',
      queries: [[`samog_srp_checkpoint_lag_records{${chosen}}`, '{{instance}}']],
    },
    {
      title: 'Lag',
      description: 'Age of the oldest of them.',
      unit: 's',
      kind: 'timeseries',
      queries: [[`samog_srp_checkpoint_lag_seconds{${chosen}}`, '{{instance}}']],
    },
    {
      title: 'Switchovers, by reason',
      description: 'Times that a chassis took the role.',
      unit: 'short',
      kind: 'timeseries',
      queries: [
        [
          `sum by (instance, reason) (increase(samog_srp_switchovers_total{${chosen}}[$__rate_interval]))`,
          '{{instance}} {{reason}}',
        ],
      ],
    },
    {
      title: 'Replies that waited for the standby',
      description: 'Acknowledged in time, or sent all the same.',
      unit: 'ops',
      kind: 'timeseries',
      queries: [
        [rate('samog_srp_commit_acknowledged_total'), '{{instance}} acknowledged'],
        [rate('samog_srp_commit_timeout_total'), '{{instance}} timeout'],
        [rate('samog_srp_commit_disconnected_total'), '{{instance}} no standby'],
      ],
    },
    {
      title: 'What monitors watch',
      description: '1 while it answers.',
      unit: 'bool_on_off',
      kind: 'stat',
      queries: [[`samog_srp_monitor_up{${chosen}}`, '{{instance}} {{server}}']],
    },
  ],
};

export const dashboards: readonly Dashboard[] = [overview, access, redundancy];

const panelWidth = 12;
const panelHeight = 8;

/** A dashboard as Grafana imports it: two panels abreast, the data source and the chassis to be chosen. */
function grafana({ uid, title, panels }: Dashboard): string {
  const datasource = { type: 'prometheus', uid: '$datasource' };
  const dashboard = {
    uid,
    title,
    tags: ['samog'],
    schemaVersion: 39,
    refresh: '30s',
    time: { from: 'now-6h', to: 'now' },
    templating: {
      list: [
        { name: 'datasource', label: 'Data source', type: 'datasource', query: 'prometheus' },
        {
          name: 'instance',
          label: 'Chassis',
          type: 'query',
          datasource,
          query: 'label_values(samog_build_info, instance)',
          multi: true,
          includeAll: true,
          refresh: 2,
        },
      ],
    },
    panels: panels.map(({ kind, title: heading, description, unit, queries }, index) => ({
      id: index + 1,
      type: kind,
      title: heading,
      description,
      datasource,
      gridPos: {
        x: (index % 2) * panelWidth,
        y: Math.floor(index / 2) * panelHeight,
        w: panelWidth,
        h: panelHeight,
      },
      fieldConfig: { defaults: { unit, min: 0 }, overrides: [] },
      targets: queries.map(([expr, legendFormat], number) => ({
        refId: String.fromCharCode(65 + number),
        datasource,
        expr,
        legendFormat,
      })),
    })),
  };
  return `${JSON.stringify(dashboard, null, 2)}\n`;
}

/** `deploy/grafana/*.json`. */
export function dashboardFiles(): readonly GeneratedFile[] {
  return dashboards.map((dashboard) => ({
    file: `deploy/grafana/${dashboard.uid}.json`,
    render: () => grafana(dashboard),
  }));
}
