import { downlinkDropped, downlinkDrops, uplinkDropped, uplinkDrops } from '../../forwarding/counters.ts';
import type { AccessPath } from '../../forwarding/entry.ts';
import { puntReasons } from '../../forwarding/fast-path/layout.ts';
import { formatIp, formatMac, type IpAddress, type MacAddress, parseIp, parseMac } from '../../kernel/address.ts';
import { sessionId } from '../../services/samog/session/state.ts';
import { clip } from './arguments.ts';
import { ageSeconds, countsOf, fieldLines, hex32, tableLines } from './format.ts';
import { type ForwardingMtu, mtuLines, surveyMtu } from './forwarding-mtu.ts';
import { type FastPathStatus, repairedBy } from './forwarding-reader.ts';
import { type Moment, refuse, shown, type View, type ViewArguments, type ViewSource } from './view.ts';

type Directions<Value> = { readonly uplink: Value; readonly downlink: Value };

interface Moved {
  readonly packets: number;
  readonly octets: number;
}

export interface ForwardingSummary {
  /** Where packets of established sessions are forwarded. */
  readonly mode: FastPathStatus['mode'];
  readonly reason: string | null;
  /** False where the configuration has it off. */
  readonly isWanted: boolean;
  /** False on a chassis that follows its peer. */
  readonly forwards: boolean;
  readonly interfaces: readonly string[];
  /** Those of them that are not there. */
  readonly missing: readonly string[];
  readonly outlivesSeconds: number;
  /** Sessions that have an entry; those of them that the kernel knows, and how many it has room for. */
  readonly entries: number;
  readonly inKernel: number;
  readonly inKernelMax: number;
  /** All that was forwarded, and what of it was in the kernel. */
  readonly forwarded: Directions<Moved>;
  readonly forwardedInKernel: Directions<Moved>;
  /** Packets that the kernel handed up, and those that it dropped instead. */
  readonly punted: Directions<number>;
  readonly policed: number;
  readonly mssClamped: number;
  readonly fragmentationNeededSent: number;
  readonly failures: number;
  readonly audit: {
    readonly endedSecondsAgo: number;
    readonly tookMs: number;
    readonly sessions: number;
    readonly repaired: number;
  } | null;
}

export interface ForwardedSession {
  readonly callId: string;
  readonly mac: string;
  readonly addresses: readonly string[];
  readonly access: string | null;
  readonly previous: string | null;
  readonly lma: string;
  readonly uplinkKey: string;
  readonly downlinkKey: string;
  /** `kernel`, or `gateway` and why. */
  readonly by: 'kernel' | 'gateway';
  readonly reason: string | null;
  readonly uplink: Moved;
  readonly downlink: Moved;
  readonly idleSeconds: number | null;
}

export interface ForwardingData {
  readonly summary: ForwardingSummary | null;
  readonly session: ForwardedSession | null;
  /** By reason, in camelCase: packets dropped, and packets that the kernel handed up. */
  readonly drops: {
    readonly dropped: Directions<Readonly<Record<string, number>>>;
    readonly punted: Directions<Readonly<Record<string, number>>>;
    readonly policed: number;
  } | null;
  readonly mtu: ForwardingMtu | null;
}

/** Why packets of a session come through the gateway itself. */
const reasonTexts: Readonly<Record<NonNullable<ReturnType<ViewSource['forwarding']['whyNot']>>, string>> = {
  off: 'nothing is forwarded in the kernel',
  addresses: 'it has no IPv4 address, or several',
  mac: 'its MAC address is a group address',
  keys: 'a GRE key toward the gateway is not its identifier',
  'ipv6-peer': 'a tunnel is over IPv6',
  translated: 'its address is translated at the access point',
  'not-a-client': 'its RG is no client of an EoGRE profile',
  rate: 'its rate limit is above what the kernel counts with',
  filter: 'its access list has more than 64 rules, or is one of more than 255',
  'no-place': 'there is no room in the kernel: see fast-path.sessions-max',
};

/** What is forwarded, where, and what is not. */
export const forwarding: View<ForwardingData, ForwardingMtu | null> = {
  words: ['forwarding'],
  role: 'view',
  summary: 'the data path: where packets are forwarded, how many, and what becomes of the others',
  options: [
    { name: 'summary', description: 'the whole, which is shown if nothing else is asked for' },
    {
      name: 'session',
      value: 'ID',
      description: 'the entry of one session: by its callid, which show subscribers has, or its MAC address',
    },
    { name: 'drops', description: 'packets dropped, and handed up by the kernel, by reason' },
    { name: 'mtu', description: 'by tunnel: the longest packets, MSS clamps, and what did not fit' },
    { name: 'peer', value: 'ADDRESS', description: 'with mtu: of the tunnel to this access node or LMA only' },
  ],
  wish: (args) => ({
    ...(args['session'] === undefined ? {} : { ...namedBy(args['session']), forwarding: true }),
  }),
  async survey(source, at, args) {
    const peer = peerOf(args);
    return 'mtu' in args && peer !== 'none' ? surveyMtu(source, at, peer) : null;
  },
  build(source, at, args, mtu = null) {
    const id = args['session'];
    if (args['peer'] !== undefined && (peerOf(args) === 'none' || !('mtu' in args))) {
      return refuse('bad-argument', `"${clip(args['peer'])}" is of no tunnel`, 'write mtu peer 192.0.2.1');
    }
    const drops = 'drops' in args ? dropsOf(source) : null;
    if (id === undefined) {
      const summary = (drops === null && mtu === null) || 'summary' in args ? summaryOf(source, at) : null;
      return shown({ summary, session: null, drops, mtu });
    }
    const session = sessionOf(source, at, id);
    if (session === undefined) {
      return refuse(
        'not-found',
        `no session "${clip(id)}" is forwarded`,
        'show subscribers samog-only full has callids and MAC addresses',
      );
    }
    return shown({ summary: 'summary' in args ? summaryOf(source, at) : null, session, drops, mtu });
  },
  render: ({ summary, session, drops, mtu }) => [
    ...(summary === null ? [] : summaryLines(summary)),
    ...(session === null ? [] : sessionLines(session)),
    ...(drops === null ? [] : dropLines(drops)),
    ...(mtu === null ? [] : mtuLines(mtu)),
  ],
};

function peerOf({ peer }: ViewArguments): IpAddress | undefined | 'none' {
  return peer === undefined ? undefined : (parseIp(peer) ?? 'none');
}

function summaryOf({ config, manager, forwarding: reader }: ViewSource, at: Moment): ForwardingSummary {
  const { mode, reason, forwards, interfaces, missing, outlivesMs, sessionsMax, sessions, failures, audit } =
    reader.status();
  const counters = manager.forwardingCounters;
  const moved = (direction: 'uplink' | 'downlink', prefix: '' | 'fast-path.'): Moved => ({
    packets: counters.get(`${prefix}${direction}.packets`),
    octets: counters.get(`${prefix}${direction}.octets`),
  });
  const punted = (direction: 'uplink' | 'downlink'): number =>
    puntReasons.reduce((sum, each) => sum + counters.get(`fast-path.${direction}.punted.${each}`), 0);
  return {
    isWanted: config.fastPath.mode !== 'off',
    ...{
      mode,
      reason: reason ?? null,
      forwards,
      interfaces,
      missing: [...missing.keys()],
      outlivesSeconds: outlivesMs / 1000,
    },
    ...{ entries: manager.flows.size, inKernel: sessions, inKernelMax: sessionsMax },
    forwarded: { uplink: moved('uplink', ''), downlink: moved('downlink', '') },
    forwardedInKernel: { uplink: moved('uplink', 'fast-path.'), downlink: moved('downlink', 'fast-path.') },
    punted: { uplink: punted('uplink'), downlink: punted('downlink') },
    policed: counters.get('fast-path.policed'),
    mssClamped: counters.get('mss.clamped'),
    fragmentationNeededSent: counters.get('icmp.fragmentation-needed.sent'),
    failures,
    audit:
      audit === undefined
        ? null
        : {
            endedSecondsAgo: Math.round((at.now - audit.endedAt) / 1000),
            tookMs: Math.round(audit.tookMs),
            sessions: audit.sessions,
            repaired: repairedBy(audit),
          },
  };
}

function sessionOf(
  { manager, forwarding: reader }: ViewSource,
  at: Moment,
  text: string,
): ForwardedSession | undefined {
  const { mac, callId } = namedBy(text);
  const place = mac === undefined ? undefined : manager.registry.ofMac(mac);
  const id = place === undefined ? callId : sessionId(place.session);
  const entry = id === undefined ? undefined : manager.flows.readBack(id);
  const usage = id === undefined ? undefined : manager.flows.usage(id);
  if (id === undefined || entry === undefined || usage === undefined) return undefined;
  const reason = reader.whyNot(id, entry);
  return {
    callId: hex32(id),
    mac: formatMac(entry.mac),
    addresses: entry.addresses.map(({ address }) => formatIp(address)),
    access: pathText(entry.access),
    previous: at.now < entry.previousUntil ? pathText(entry.previous) : null,
    lma: formatIp(entry.s2a.peer),
    uplinkKey: hex32(entry.s2a.uplinkKey),
    downlinkKey: hex32(entry.s2a.downlinkKey),
    by: reason === undefined ? 'kernel' : 'gateway',
    reason: reason === undefined ? null : reasonTexts[reason],
    uplink: { packets: usage.uplinkPackets, octets: usage.uplinkOctets },
    downlink: { packets: usage.downlinkPackets, octets: usage.downlinkOctets },
    idleSeconds: ageSeconds(usage.lastActivity, at),
  };
}

/** A session's MAC address or its identifier; neither for what is none. */
function namedBy(text: string): { readonly mac?: MacAddress; readonly callId?: number } {
  const mac = parseMac(text);
  const isCallId = /^[0-9a-f]{1,8}$/i.test(text);
  return { ...(mac === undefined ? {} : { mac }), ...(isCallId ? { callId: Number.parseInt(text, 16) } : {}) };
}

function pathText(path: AccessPath | undefined): string | null {
  if (path === undefined) return null;
  const peer = formatIp(path.peer);
  if (path.kind === 'pmipv6') return `PMIPv6 ${peer}, key ${hex32(path.downlinkKey)}`;
  if (path.kind === 'ip') return `IP ${peer}, UE address ${formatIp(path.address)}`;
  const key = path.key === undefined ? '' : `, key ${hex32(path.key)}`;
  return `EoGRE ${peer}${key}${path.vlan === undefined ? '' : `, VLAN ${path.vlan}`}`;
}

function dropsOf({ manager: { forwardingCounters: counters } }: ViewSource): ForwardingData['drops'] {
  return {
    dropped: {
      uplink: countsOf(uplinkDrops, (drop) => counters.get(uplinkDropped[drop])),
      downlink: countsOf(downlinkDrops, (drop) => counters.get(downlinkDropped[drop])),
    },
    punted: {
      uplink: countsOf(puntReasons, (reason) => counters.get(`fast-path.uplink.punted.${reason}`)),
      downlink: countsOf(puntReasons, (reason) => counters.get(`fast-path.downlink.punted.${reason}`)),
    },
    policed: counters.get('fast-path.policed'),
  };
}

function summaryLines(data: ForwardingSummary): string[] {
  const modeTexts = {
    native: 'in the drivers (native XDP)',
    generic: 'in the kernel (generic XDP)',
    off: 'by the gateway',
  };
  const rows = (['uplink', 'downlink'] as const).map((direction) => [
    direction,
    data.forwarded[direction].packets,
    data.forwarded[direction].octets,
    data.forwardedInKernel[direction].packets,
    data.forwardedInKernel[direction].octets,
    data.punted[direction],
  ]);
  const { audit } = data;
  return [
    `Established sessions are forwarded: ${modeTexts[data.mode]}${data.reason === null ? '' : ` (${data.reason})`}`,
    ...fieldLines([
      ['State', data.mode === 'off' ? 'n/a' : data.forwards ? 'forwarding' : 'passive: programmed, not switched on'],
      ['Interfaces', data.interfaces.join(', ') || 'n/a'],
      ...(data.missing.length === 0 ? [] : [['Not There', data.missing.join(', ')] as const]),
      ['Forwards On Without The Gateway', data.outlivesSeconds === 0 ? 'no' : `for ${data.outlivesSeconds} s`],
      ['Sessions With An Entry', data.entries],
      ['Sessions In The Kernel', `${data.inKernel} of at most ${data.inKernelMax}`],
      ['Packets Dropped By The Punt Policer', data.policed],
      ['TCP MSS Clamped', data.mssClamped],
      ['Fragmentation Needed Sent', data.fragmentationNeededSent],
      ['Changes Refused By The Kernel', data.failures],
      [
        'Last Audit',
        audit === null
          ? 'none yet'
          : `${audit.endedSecondsAgo} s ago: ${audit.sessions} sessions in ${audit.tookMs} ms, ${audit.repaired} entries repaired`,
      ],
    ]),
    ...tableLines(['Direction', 'Packets', 'Octets', 'Packets In Kernel', 'Octets In Kernel', 'Handed Up'], rows),
  ];
}

function sessionLines(data: ForwardedSession): string[] {
  return fieldLines([
    ['Call ID', data.callId],
    ['MAC Address', data.mac],
    ['Addresses', data.addresses.join(', ')],
    ['Forwarded By', data.reason === null ? 'the kernel' : `the gateway: ${data.reason}`],
    ['Access', data.access ?? 'attached nowhere'],
    ['Just Left', data.previous ?? 'n/a'],
    ['LMA', data.lma],
    ['Key To LMA', data.uplinkKey],
    ['Key From LMA', data.downlinkKey],
    ['Uplink', `${data.uplink.packets} packets, ${data.uplink.octets} octets`],
    ['Downlink', `${data.downlink.packets} packets, ${data.downlink.octets} octets`],
    ['Idle', data.idleSeconds === null ? 'no packet yet' : `${data.idleSeconds} s`],
  ]);
}

function dropLines({ dropped, punted, policed }: NonNullable<ForwardingData['drops']>): string[] {
  const rows = (what: string, counts: Directions<Readonly<Record<string, number>>>) =>
    [...new Set([...Object.keys(counts.uplink), ...Object.keys(counts.downlink)])]
      .map((reason) => [what, reason, counts.uplink[reason] ?? 0, counts.downlink[reason] ?? 0] as const)
      .filter(([, , uplink, downlink]) => uplink + downlink > 0);
  const found = [...rows('dropped', dropped), ...rows('handed up', punted)];
  return [
    ...(found.length === 0
      ? ['Nothing was dropped or handed up.']
      : tableLines(['What', 'Reason', 'Uplink', 'Downlink'], found)),
    ...fieldLines([['Packets Dropped By The Punt Policer', policed]]),
  ];
}
