import type { GreTransport } from '../forwarding/inner-mtu.ts';
import { formatIp, type IpAddress, type Ipv4Address, isIpv4 } from '../kernel/address.ts';
import type { GatewayConfig } from '../operations/config/gateway-config.ts';
import type { ServiceAddress } from '../operations/config/redundancy-config.ts';
import { authorizationRequestsPerSecond } from '../sessmgr/radius/dynamic-authorization.ts';
import { pmipv6Port } from '../wire/pmipv6/constants.ts';
import type { PortBinding } from './runtime.ts';
import { mayPass } from './sockets/late-sockets.ts';
import { type SocketDriver, SocketError, type SocketSpec, type Transport } from './sockets/socket-driver.ts';
import type { StartProblem } from './start-error.ts';

/** A binding, and the section of the configuration that asks for it. */
export interface ConfiguredBinding extends PortBinding {
  readonly section: string;
}

type BoundConfig = Pick<GatewayConfig, 'cgwService' | 'mrmeService' | 'sessionManagers'>;

/** Half a second of 100,000 small packets a second, by the kernel's account of them. */
const doorBufferOctets = 16 * 1024 * 1024;

interface Side {
  readonly address: IpAddress;
  readonly interface: string | undefined;
}

/**
 * The sockets a configuration asks for: GRE and PMIPv6 on the access side and on S2a, RADIUS toward WLCs where a profile
 * wants it, the source ports toward the AAA servers, which the kernel chooses, as many for each session manager instance,
 * and the port for their changes of authorization.
 *
 * @param serviceAddresses of a pair: sockets are bound to them whether they are on this host or on the peer's
 */
export function bindingsOf(config: BoundConfig, serviceAddresses: readonly ServiceAddress[] = []): ConfiguredBinding[] {
  const floating = new Set<IpAddress>(serviceAddresses.map(({ address }) => address));
  return configuredBindings(config).map((binding) =>
    floating.has(binding.spec.address) ? { ...binding, spec: { ...binding.spec, floating: true } } : binding,
  );
}

function configuredBindings(config: BoundConfig): ConfiguredBinding[] {
  const { access, s2a } = config.cgwService;
  const { bind, dynamicAuthorization } = config.mrmeService;
  const accessSection = 'cgw-service.access';
  const s2aSection = 'cgw-service.s2a';
  return [
    ...accessGre(access).map((spec, channel) => ({
      port: 'access-gre' as const,
      channel,
      section: accessSection,
      spec,
    })),
    { port: 'access-pmipv6', channel: 0, section: accessSection, spec: specOf('udp', access, pmipv6Port) },
    { port: 's2a-gre', channel: 0, section: s2aSection, spec: greSpec(s2a) },
    { port: 's2a-pmipv6', channel: 0, section: s2aSection, spec: specOf('udp', s2a, pmipv6Port) },
    ...accessRadius(config),
    ...Array.from({ length: bind.sourcePorts * config.sessionManagers.count }, (_, channel) => ({
      port: 'aaa' as const,
      channel,
      section: 'mrme-service.bind',
      spec: specOf('udp', bind, 0),
    })),
    ...(dynamicAuthorization === undefined
      ? []
      : [
          {
            port: 'dynamic-authorization' as const,
            channel: 0,
            section: 'mrme-service.bind',
            spec: doorSpec(bind, dynamicAuthorization.port),
            expected: {
              clients: dynamicAuthorization.clients.map(({ prefix }) => {
                return { prefix, ratePerSecond: authorizationRequestsPerSecond };
              }),
            },
          },
        ]),
  ];
}

/** The servers of authentication and accounting, where a profile has RADIUS clients, and the client toward them. */
function accessRadius(config: BoundConfig): ConfiguredBinding[] {
  const { relay, twanProfiles } = config.mrmeService;
  if (!twanProfiles.some(({ radius }) => (radius?.clients.length ?? 0) > 0)) return [];
  const { address, authPort, acctPort } = relay.bind;
  const side = { address, interface: config.cgwService.access.interface };
  const section = 'mrme-service.access-bind';
  // Disconnect-Requests leave by a socket of each instance, so that the answers find it.
  const disconnects = Array.from({ length: config.sessionManagers.count }, () => 0);
  const clients = twanProfiles.flatMap(({ radius }) =>
    (radius?.clients ?? []).map(({ address: prefix }) => ({ prefix, ratePerSecond: radius!.ratePerSecond })),
  );
  return [authPort, acctPort, ...disconnects].map((port, channel) => {
    const name = 'access-radius' as const;
    if (port === 0) return { port: name, channel, section, spec: specOf('udp', side, port) };
    return { port: name, channel, section, spec: doorSpec(side, port), expected: { clients } };
  });
}

/** GRE of the access side. Over IP by two sockets: a flood of data leaves the one of DHCP and ARP alone. */
function accessGre(access: Parameters<typeof greSpec>[0]): SocketSpec[] {
  const spec = greSpec(access);
  return spec.transport === 'gre-over-ip'
    ? [
        { ...spec, lane: 'data' },
        { ...spec, lane: 'signalling' },
      ]
    : [spec];
}

/** A socket that may be flooded: until the flood is seen it waits here, and what is wanted should find a place beside it. */
function doorSpec(side: Side, port: number): SocketSpec {
  return { ...specOf('udp', side, port), receiveBufferOctets: doorBufferOctets };
}

function greSpec(side: Side & { readonly greTransport: GreTransport }): SocketSpec {
  return specOf(side.greTransport === 'raw' ? 'gre-over-ip' : 'gre-over-udp', side, undefined);
}

function specOf(transport: Transport, side: Side, port: number | undefined): SocketSpec {
  return {
    transport,
    // `transportProblems` refuses IPv6 before any socket is opened.
    address: side.address as Ipv4Address,
    ...(port === undefined ? {} : { port }),
    ...(side.interface === undefined ? {} : { device: side.interface }),
  };
}

/** Addresses that sockets cannot be bound to yet. */
export function transportProblems(bindings: readonly ConfiguredBinding[]): StartProblem[] {
  const sections = new Map(bindings.map(({ section, spec }) => [section, spec.address as IpAddress]));
  return [...sections].flatMap(([section, address]) => {
    if (isIpv4(address)) return [];
    const what = `${formatIp(address)} is an IPv6 address`;
    return [
      { path: `${section}.address`, what, hint: 'transport over IPv6 is not supported yet: use an IPv4 address' },
    ];
  });
}

/**
 * Tries every binding once and lets go of it again, so that all that is wrong can be told at once. Of the source
 * ports toward the AAA servers one stands for all.
 */
export async function bindProblems(
  driver: SocketDriver,
  bindings: readonly ConfiguredBinding[],
): Promise<StartProblem[]> {
  const problems: StartProblem[] = [];
  for (const { spec, section, channel } of bindings) {
    if (channel > 0) continue;
    try {
      (await driver.open(spec, () => {})).close();
    } catch (error) {
      // It may be had when the address comes here.
      if (spec.floating !== true || !mayPass(error)) problems.push(bindProblem(error, section));
    }
  }
  return problems;
}

/**
 * Which setting of a section is to blame that a socket cannot be had: its interface or its address. Throws any other
 * error again.
 */
export function bindProblem(error: unknown, section: string): StartProblem {
  if (!(error instanceof SocketError)) throw error;
  const setting = error.spec.device !== undefined && /device/.test(error.operation) ? 'interface' : 'address';
  const hint = error.hint ?? 'the operating system says no more than that';
  const what = error.hint === undefined ? error.message : error.message.replace(` (${error.hint})`, '');
  return { path: `${section}.${setting}`, what, hint };
}
