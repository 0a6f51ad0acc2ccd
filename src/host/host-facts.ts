import { accessSync, constants, readdirSync, readFileSync, statfsSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { formatIp } from '../kernel/address.ts';
import type { GatewayConfig } from '../operations/config/gateway-config.ts';
import type {
  ForwardingFacts,
  HostFacts,
  InterfaceFacts,
  SocketFacts,
  WantedFacts,
} from '../operations/doctor/host-facts.ts';
import type { ForwardingData } from '../operations/views/forwarding.ts';
import type { SocketsData } from '../operations/views/sockets.ts';
import { askDriver } from './ethtool.ts';
import * as linux from './sockets/linux.ts';

/** More would hide what else there is. */
const suspectedTunnelsMost = 5;

/** A file of /proc or /sys without its last newline; undefined if it cannot be read. */
function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trimEnd();
  } catch {
    return undefined;
  }
}

function numberIn(text: string | undefined): number | undefined {
  const value = text === undefined ? Number.NaN : Number(text);
  return Number.isFinite(value) ? value : undefined;
}

/**
 * Looks at this host.
 *
 * @param gatewayPid the running gateway; undefined looks at this process
 * @param sockets what that gateway says of its sockets
 * @param forwarding and of its forwarding
 * @param config what the host is to be fit for
 */
export function hostFacts(
  gatewayPid: number | undefined,
  sockets: SocketsData | undefined,
  forwarding: ForwardingData | undefined,
  config: GatewayConfig | undefined,
): HostFacts {
  const process = `/proc/${gatewayPid ?? 'self'}`;
  const capabilities = /^CapEff:\s*([0-9a-f]+)$/m.exec(read(`${process}/status`) ?? '')?.[1];
  const openFiles = /^Max open files\s+(\d+)/m.exec(read(`${process}/limits`) ?? '')?.[1];
  const settings = [
    'net/core/rmem_max',
    'net/core/wmem_max',
    'net/ipv4/conf/all/rp_filter',
    'net/ipv4/conf/lo/forwarding',
  ];
  return {
    rightsOf: gatewayPid === undefined ? 'this process' : 'gateway',
    capabilities: capabilities === undefined ? undefined : Number.parseInt(capabilities, 16),
    openFilesMax: numberIn(openFiles),
    kernelSettings: Object.fromEntries(settings.map((path) => [path, read(`/proc/sys/${path}`)])),
    interfaces: interfaces(),
    modules: modules(),
    clock: clock(),
    sockets: sockets === undefined ? undefined : socketFacts(sockets),
    forwarding: forwarding === undefined ? undefined : forwardingFacts(forwarding),
    wanted: config === undefined ? undefined : wantedFacts(config),
  };
}

function interfaces(): InterfaceFacts[] {
  const addresses = networkInterfaces();
  let names: string[];
  try {
    names = readdirSync('/sys/class/net');
  } catch {
    names = Object.keys(addresses);
  }
  return names.map((name) => ({
    name,
    // IFF_UP of linux/if.h; an address alone may be on an interface that is down.
    up: (Number(read(`/sys/class/net/${name}/flags`) ?? 1) & 1) === 1,
    mtu: numberIn(read(`/sys/class/net/${name}/mtu`)),
    addresses: (addresses[name] ?? []).map(({ address }) => address),
    reversePathFilter: numberIn(read(`/proc/sys/net/ipv4/conf/${name}/rp_filter`)),
    largeReceiveOffload: largeReceiveOffload(name),
  }));
}

/** linux/ethtool.h: `struct ethtool_value`, and a flag in it. */
const flags = { command: 0x25, octets: 8, valueAt: 4, largeReceiveOffload: 1 << 15 } as const;

function largeReceiveOffload(name: string): boolean | undefined {
  const answer = askDriver(name, flags.command, flags.octets);
  return answer && (answer.view.getUint32(flags.valueAt, true) & flags.largeReceiveOffload) !== 0;
}

function modules(): string[] | undefined {
  const loaded = read('/proc/modules');
  return loaded?.split('\n').map((line) => line.split(' ', 1)[0]!);
}

/** struct timex (linux/timex.h); the kernel fills it in when `modes` is 0. */
const timex = { octets: 208, maxErrorAt: 24, statusAt: 40, unsynchronised: 0x40 } as const;

function clock(): HostFacts['clock'] {
  const state = new Uint8Array(timex.octets);
  if (linux.adjtimex(state) < 0) return undefined;
  const view = new DataView(state.buffer);
  return {
    synchronised: (view.getInt32(timex.statusAt, true) & timex.unsynchronised) === 0,
    // Microseconds.
    errorMs: Math.ceil(Number(view.getBigInt64(timex.maxErrorAt, true)) / 1000),
  };
}

function socketFacts({ driver, driverFallbackReason, sockets, stall }: SocketsData): SocketFacts {
  const carriers = sockets.filter(({ port }) => port.endsWith('-gre'));
  const sum = (values: readonly (number | null)[]): number => values.reduce<number>((all, one) => all + (one ?? 0), 0);
  return {
    driver,
    driverFallbackReason,
    receiveBufferOctets:
      carriers.length === 0 ? null : Math.min(...carriers.map(({ receiveBufferOctets }) => receiveBufferOctets)),
    kernelDrops: sum(sockets.map(({ kernelDrops }) => kernelDrops)),
    receivesTruncated: sum(sockets.map(({ receivesTruncated }) => receivesTruncated)),
    worstStallMs: stall.worstMs,
  };
}

function forwardingFacts({ summary, mtu }: ForwardingData): ForwardingFacts | undefined {
  if (summary === null) return undefined;
  const { mode, reason, policed, failures, audit, isWanted } = summary;
  const suspectedTunnels = (mtu?.tunnels ?? [])
    .filter(({ suspicion }) => suspicion !== null)
    .slice(0, suspectedTunnelsMost);
  return { mode, reason, isWanted, policed, failures, repaired: audit?.repaired ?? 0, suspectedTunnels };
}

function wantedFacts({ cgwService, mrmeService, redundancy, recovery }: GatewayConfig): WantedFacts {
  const { access, s2a } = cgwService;
  const moving = redundancy?.serviceAddresses ?? [];
  return {
    rawSockets: access.greTransport === 'raw' || s2a.greTransport === 'raw',
    serviceAddresses: moving.length > 0,
    addresses: [
      { setting: 'cgw-service.access.address', address: formatIp(access.address), mtu: access.mtu },
      { setting: 'cgw-service.s2a.address', address: formatIp(s2a.address), mtu: s2a.mtu },
      { setting: 'mrme-service.bind.address', address: formatIp(mrmeService.bind.address), mtu: undefined },
    ],
    recovery: recovery === undefined ? undefined : folderFacts(recovery.directory),
  };
}

function folderFacts(directory: string): NonNullable<WantedFacts['recovery']> {
  try {
    accessSync(directory, constants.W_OK);
    const { bavail, bsize } = statfsSync(directory);
    return { directory, writable: true, freeOctets: bavail * bsize };
  } catch {
    return { directory, writable: false, freeOctets: undefined };
  }
}
