import { networkInterfaces } from 'node:os';
import { formatIp, type Ipv4Address, isIpv4 } from '../kernel/address.ts';
import type { GatewayConfig } from '../operations/config/gateway-config.ts';
import type { ForwardingReader } from '../operations/views/forwarding-reader.ts';
import type { EventSink } from '../services/samog/events.ts';
import { tellEvent } from './gateway-event.ts';
import type { FastPath, FastPathPlan } from './xdp/fast-path.ts';
import { pinFolderOf } from './xdp/pin-folder.ts';

/** The fast path, or why there is none. */
export interface OpenedFastPath {
  readonly fastPath: FastPath | undefined;
  readonly whyNot: string | undefined;
}

/** Virtual interfaces that lose what is redirected to them, unless their other end has a program too. */
const pairedDrivers: ReadonlySet<string> = new Set(['veth', 'tun']);

/**
 * Prepares the fast path that the configuration asks for. Never throws: what cannot be had is told, and the slow path is there.
 * @param placement where the session manager instances are: in this thread, or each in one of its own
 */
export async function openFastPath(
  config: GatewayConfig,
  placement: 'here' | 'apart',
  report: EventSink | undefined,
): Promise<OpenedFastPath> {
  if (config.fastPath.mode === 'off') return { fastPath: undefined, whyNot: 'fast-path.mode is off' };
  const place = placeOf(config);
  if (typeof place === 'string') return withoutFastPath(report, place);
  try {
    // Loaded only here: the native library exists for some systems only.
    const { FastPath } = await import('./xdp/fast-path.ts');
    const { driverOf } = await import('./xdp/interface-driver.ts');
    const paired = place.interfaces.find((name) => pairedDrivers.has(driverOf(name) ?? ''));
    const isGeneric = config.fastPath.mode === 'generic' || (config.fastPath.mode === 'auto' && paired !== undefined);
    const whyGeneric =
      isGeneric && config.fastPath.mode === 'auto' ? `${paired} is one end of a pair of interfaces` : undefined;
    const mode = isGeneric ? 'generic' : 'native';
    const plan: FastPathPlan = { ...place, mode, whyGeneric, pinFolder: pinFolderOf(config) };
    return { fastPath: new FastPath(config, plan, placement, report), whyNot: undefined };
  } catch (error) {
    return withoutFastPath(report, error instanceof Error ? error.message : String(error));
  }
}

/** Says why there is none. */
function withoutFastPath(report: EventSink | undefined, whyNot: string): OpenedFastPath {
  tellEvent(report, 'fast-path-off', `every packet is forwarded by the gateway itself: ${whyNot}`);
  return { fastPath: undefined, whyNot };
}

/** Where packets come to and leave by; or why there is no such place. */
function placeOf(config: GatewayConfig): Pick<FastPathPlan, 'accessAddress' | 's2aAddress' | 'interfaces'> | string {
  const { access, s2a } = config.cgwService;
  for (const [name, side] of [
    ['access', access],
    ['s2a', s2a],
  ] as const) {
    if (side.greTransport !== 'raw') return `GRE travels over UDP (cgw-service.${name}.gre-transport)`;
    if (!isIpv4(side.address)) return `${formatIp(side.address)} is an IPv6 address`;
  }
  if (access.address === s2a.address) return 'the access side and S2a have the same address';
  const interfaces = config.fastPath.interfaces ?? interfacesOf(config);
  if (typeof interfaces === 'string') return interfaces;
  return { accessAddress: access.address as Ipv4Address, s2aAddress: s2a.address as Ipv4Address, interfaces };
}

function interfacesOf({ cgwService, redundancy }: GatewayConfig): readonly string[] | string {
  const names = new Set<string>();
  for (const side of [cgwService.access, cgwService.s2a]) {
    const name =
      side.interface ??
      redundancy?.serviceAddresses.find(({ address }) => address === side.address)?.interface ??
      interfaceWith(formatIp(side.address));
    if (name === undefined) return `no interface has ${formatIp(side.address)}`;
    if (name === 'lo') return `${formatIp(side.address)} is on the loopback: fast-path.interfaces is to name others`;
    names.add(name);
  }
  return [...names];
}

function interfaceWith(address: string): string | undefined {
  const found = Object.entries(networkInterfaces()).find(([, all]) => all?.some((each) => each.address === address));
  return found?.[0];
}

/** Of a gateway that forwards everything itself. */
export function noFastPath(reason: string | undefined): ForwardingReader {
  return {
    status: () => ({
      ...{
        mode: 'off',
        reason,
        forwards: false,
        interfaces: [],
        missing: new Map(),
        outlivesMs: 0,
        sessionsMax: 0,
        sessions: 0,
      },
      ...{ failures: 0, audit: undefined },
    }),
    whyNot: () => 'off',
    tunnels: () => [],
  };
}
