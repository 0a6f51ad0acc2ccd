import { formatIp, formatMac } from '../../kernel/address.ts';
import type { AccessSideConfig, S2aSideConfig } from '../../services/samog/config.ts';
import { durationText, fieldLines, tableLines } from './format.ts';
import { type Moment, shown, type View, type ViewSource } from './view.ts';

interface SideData {
  readonly address: string;
  readonly interface: string | null;
  readonly greTransport: string;
  readonly mtu: number;
}

export interface CgwServiceData {
  readonly service: string;
  readonly access: SideData & { readonly vmac: string };
  readonly s2a: SideData & {
    readonly lmaSelection: string;
    readonly apn: string | null;
    readonly lifetimeSeconds: number;
    readonly refreshBeforeSeconds: number;
    readonly heartbeatIntervalSeconds: number;
    readonly heartbeatsMissing: number;
  };
  readonly binding: {
    readonly lifetimeMaxSeconds: number;
    readonly timestampWindowMs: number;
    readonly deregistrationDelayMs: number;
  };
  readonly revocation: {
    readonly enable: boolean;
    readonly trigger: number;
    readonly delayMs: number;
    readonly initialTimeoutMs: number;
    readonly maxTimeoutMs: number;
    readonly retries: number;
  };
  readonly sessions: { readonly current: number; readonly pmipv6: number; readonly dhcp: number };
  readonly lmas: readonly {
    readonly address: string;
    readonly isDefault: boolean;
    /** By heartbeats: `unknown`, `up` or `down`. */
    readonly state: string;
    readonly heartbeatsMissed: number;
    readonly restartCounter: number | null;
    readonly lastHeardSeconds: number | null;
  }[];
}

function sideOf(side: AccessSideConfig | S2aSideConfig): SideData {
  return {
    address: formatIp(side.address),
    interface: side.interface ?? null,
    greTransport: side.greTransport,
    mtu: side.mtu,
  };
}

function lmasOf({ manager }: ViewSource, at: Moment): CgwServiceData['lmas'] {
  const statuses = manager.s2a.monitor.status(at.now);
  return manager.config.cgwService.s2a.lmas.map((lma, index) => {
    const status = statuses.find(({ peer }) => peer === lma);
    const ageMs = status?.lastHeardAgeMs;
    return {
      address: formatIp(lma),
      isDefault: index === 0,
      state: status?.state ?? 'unknown',
      heartbeatsMissed: status?.missed ?? 0,
      restartCounter: status?.restartCounter ?? null,
      lastHeardSeconds: ageMs === undefined ? null : Math.floor(ageMs / 1000),
    };
  });
}

function cgwServiceData(source: ViewSource, at: Moment): CgwServiceData {
  const { registry, config } = source.manager;
  const { name, access, s2a, binding, revocation } = config.cgwService;
  return {
    service: name,
    access: { ...sideOf(access), vmac: formatMac(access.vmac) },
    s2a: {
      ...sideOf(s2a),
      lmaSelection: s2a.lmaSelection,
      apn: s2a.apn ?? null,
      lifetimeSeconds: s2a.lifetimeSeconds,
      refreshBeforeSeconds: s2a.refreshBeforeSeconds,
      heartbeatIntervalSeconds: s2a.heartbeat.intervalMs / 1000,
      heartbeatsMissing: s2a.heartbeat.missing,
    },
    binding: {
      lifetimeMaxSeconds: binding.lifetimeMaxSeconds,
      timestampWindowMs: binding.timestampWindowMs,
      deregistrationDelayMs: binding.deregistrationDelayMs,
    },
    revocation: {
      enable: revocation.enable,
      trigger: revocation.trigger,
      delayMs: revocation.delayMs,
      initialTimeoutMs: revocation.initialTimeoutMs,
      maxTimeoutMs: revocation.maxTimeoutMs,
      retries: revocation.retries,
    },
    sessions: { current: registry.size, pmipv6: registry.ofType.pmipv6, dhcp: registry.ofType.dhcp },
    lmas: lmasOf(source, at),
  };
}

function sideLines(title: string, side: SideData): string[] {
  return [
    `${title}:`,
    ...fieldLines([
      ['Address', side.address],
      ['Interface', side.interface ?? 'any'],
      ['GRE Transport', side.greTransport === 'udp' ? 'UDP port 4754' : 'IP protocol 47'],
      ['MTU', side.mtu],
    ]),
  ];
}

export const cgwService: View<CgwServiceData> = {
  words: ['cgw-service'],
  summary: 'the CGW service: both sides, sessions, LMAs and whether they answer',
  role: 'view',
  options: [],
  build: (source, at) => shown(cgwServiceData(source, at)),
  render: ({ service, access, s2a, binding, revocation, sessions, lmas }) => [
    `CGW Service Name: ${service}`,
    ...sideLines('Access Side', access),
    ...fieldLines([['VMAC', access.vmac]]),
    ...sideLines('S2a Side', s2a),
    ...fieldLines([
      ['LMA Selection', s2a.lmaSelection],
      ['APN', s2a.apn ?? 'none'],
      ['Binding Lifetime', durationText(s2a.lifetimeSeconds)],
      ['Refresh Before Expiry', durationText(s2a.refreshBeforeSeconds)],
      ['Heartbeat Interval', durationText(s2a.heartbeatIntervalSeconds)],
      ['Heartbeats Missing Until Down', s2a.heartbeatsMissing],
    ]),
    'Bindings Granted:',
    ...fieldLines([
      ['Lifetime Max', durationText(binding.lifetimeMaxSeconds)],
      ['Timestamp Window', `${binding.timestampWindowMs} ms`],
      ['Deregistration Delay', `${binding.deregistrationDelayMs} ms`],
    ]),
    'Binding Revocation:',
    ...fieldLines([
      ['Enabled', revocation.enable ? 'yes' : 'no'],
      ['Trigger', revocation.trigger],
      ['Delay', `${revocation.delayMs} ms`],
      ['Initial Timeout', `${revocation.initialTimeoutMs} ms`],
      ['Max Timeout', `${revocation.maxTimeoutMs} ms`],
      ['Retries', revocation.retries],
    ]),
    'Sessions:',
    ...fieldLines([
      ['Current', sessions.current],
      ['PMIPv6-triggered', sessions.pmipv6],
      ['DHCP-triggered', sessions.dhcp],
    ]),
    'Local Mobility Anchors:',
    ...tableLines(
      ['  Address', 'Default', 'State', 'Missed', 'Restart Counter', 'Last Heard'],
      lmas.map((lma) => [
        `  ${lma.address}`,
        lma.isDefault ? 'yes' : 'no',
        lma.state,
        lma.heartbeatsMissed,
        lma.restartCounter,
        lma.lastHeardSeconds === null ? 'never' : `${durationText(lma.lastHeardSeconds)} ago`,
      ]),
    ),
  ],
};
