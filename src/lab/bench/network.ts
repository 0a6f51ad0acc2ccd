import type { GreTransport } from '../../forwarding/inner-mtu.ts';
import { formatIpv4, formatMac, type Ipv4Address, ipv4Of, type MacAddress, macOf } from '../../kernel/address.ts';
import type { GatewayConfig } from '../../operations/config/gateway-config.ts';
import { parseConfig } from '../../operations/config/parse.ts';
import { formatProblem } from '../../operations/config/problem.ts';

/** Who lives where. All addresses are loopback addresses of one 127.x.0.0/16. */
export interface BenchNetwork {
  /** The gateway's three sides. */
  readonly access: Ipv4Address;
  readonly s2a: Ipv4Address;
  readonly aaa: Ipv4Address;
  readonly rgs: readonly Ipv4Address[];
  readonly wlcs: readonly Ipv4Address[];
  readonly lma: Ipv4Address;
  readonly aaaServer: Ipv4Address;
}

/** With those that RADIUS goes between. */
export interface RadiusNetwork extends BenchNetwork {
  readonly radiusWlcs: readonly Ipv4Address[];
  /** Of a RADIUS proxy that the gateway is compared with. */
  readonly proxy: Ipv4Address;
  /** A client of the gateway that has gone bad, and somebody who is no client at all. */
  readonly hostileWlc: Ipv4Address;
  readonly strangers: Ipv4Address;
}

const rgCount = 4;
const wlcCount = 4;

/** @param second the second octet of the addresses: benchmarks with different ones do not meet */
export function benchNetwork(second: number): RadiusNetwork {
  const at = (third: number, fourth: number): Ipv4Address =>
    ipv4Of((127 << 24) | (second << 16) | (third << 8) | fourth);
  return {
    access: at(0, 1),
    s2a: at(1, 1),
    aaa: at(2, 1),
    rgs: Array.from({ length: rgCount }, (_, index) => at(10, 1 + index)),
    wlcs: Array.from({ length: wlcCount }, (_, index) => at(20, 1 + index)),
    radiusWlcs: Array.from({ length: wlcCount }, (_, index) => at(21, 1 + index)),
    lma: at(30, 1),
    aaaServer: at(40, 1),
    proxy: at(50, 1),
    hostileWlc: at(21, 100),
    strangers: at(60, 1),
  };
}

/** A second octet that two benchmarks which run at the same time hardly share. */
export function ownSecondOctet(): number {
  return 64 + (process.pid % 128);
}

export const radiusSecret = 'a-secret-of-the-benchmark';
export const realm = 'wlan.example';
export const apn = 'internet';

/** The host in the packet data network that UEs talk to. */
export const hostAddress = ipv4Of(0xc6120001);
/** The LMA's pool is 10.0.0.0/8, and its first host the default router of all UEs. */
export const poolPrefixLength = 8;
export const routerAddress = ipv4Of(0x0a000001);

const firstMac = 0x02b000000000;
const firstAddress = 0x0a000002;

/** UEs are numbers from 0; their identities are made of it, so that the load generator has to remember nothing. */
export function macOfUe(ue: number): MacAddress {
  return macOf(firstMac + ue);
}

/** The number of the UE with this MAC address; the inverse of `macOfUe`. */
export function ueOfMac(mac: MacAddress): number {
  return mac - firstMac;
}

/** The address that the LMA of the benchmark gives a UE. */
export function addressOfUe(ue: number): Ipv4Address {
  return ipv4Of(firstAddress + ue);
}

/** The number of the UE with this address; the inverse of `addressOfUe`. */
export function ueOfAddress(address: Ipv4Address): number {
  return address - firstAddress;
}

/** A NAI whose user is the MAC address in hexadecimal digits, as of a UE that is authenticated by it. */
export function naiOfUe(ue: number): string {
  return `${formatMac(macOfUe(ue), '')}@${realm}`;
}

/** The key that the LMA, and a WLC, wants in packets of this UE toward it. */
export function peerKeyOfUe(ue: number): number {
  return ue + 1;
}

/** Odd, so that products by it visit every number of 32 bits once: identifiers like random ones, each UE's its own. */
export const sessionIdStep = 0x9e3779b1;

/** The identifier of a UE's session where it is not drawn: the GRE key toward the gateway. */
export function sessionIdOfUe(ue: number): number {
  return Math.imul(ue + 1, sessionIdStep) >>> 0;
}

/** What is not of every benchmark's gateway. */
export interface BenchConfigParts {
  readonly name?: string;
  /** `udp` if left out. */
  readonly greTransport?: GreTransport;
  /** Further blocks, as in a configuration file. */
  readonly blocks?: string;
  /** WLCs that authenticate their UEs by RADIUS through the gateway, and have their accounting relayed. */
  readonly radiusWlcs?: readonly Ipv4Address[];
  /** Packets a second that each of them may send; left out, far more than it can. */
  readonly radiusRate?: number;
}

/** The gateway's configuration; see `benchConfigText`. @throws Error if it is none */
export function benchConfig(network: BenchNetwork, parts?: BenchConfigParts): GatewayConfig {
  const parsed = parseConfig(benchConfigText(network, parts), 'bench.yaml');
  if (!parsed.ok) throw new Error(parsed.problems.map(formatProblem).join('\n'));
  return parsed.config;
}

/**
 * A configuration file: defaults, wherever the network does not decide. It logs only warnings: lines of a log would stand
 * among the benchmark's own.
 */
function benchConfigText(
  network: BenchNetwork,
  { name = 'bench', blocks = '', greTransport = 'udp', radiusWlcs, radiusRate = 1_000_000 }: BenchConfigParts = {},
): string {
  const list = (addresses: readonly Ipv4Address[]): string =>
    `[${addresses.map((address) => `${formatIpv4(address)}/32`).join(', ')}]`;
  const relay = radiusWlcs === undefined ? undefined : relayText(list(radiusWlcs), radiusWlcs, radiusRate, network);
  return `
chassis: { name: ${name} }
management: { socket: /run/samog/bench.sock }
logging: { level: warn }
twan-profiles:
  - { name: wlc, access-type: pmip, session-trigger: pmipv6, clients: ${list(network.wlcs)} }
  - { name: rg, access-type: eogre, session-trigger: dhcp, clients: ${list(network.rgs)} }
${relay?.profile ?? ''}
mrme-service:
  twan-profiles: [wlc, rg${relay === undefined ? '' : ', radius'}]
${relay?.mrme ?? ''}
  bind: { address: ${formatIpv4(network.aaa)} }
  nas-identifier: bench
  user-name: { realm: ${realm} }
  radius:
    servers: [{ name: aaa, address: ${formatIpv4(network.aaaServer)}, secret: ${radiusSecret}, priority: 1 }]
cgw-service:
  access: { address: ${formatIpv4(network.access)}, gre-transport: ${greTransport} }
  s2a:
    address: ${formatIpv4(network.s2a)}
    gre-transport: ${greTransport}
    lmas: [${formatIpv4(network.lma)}]
    apn: ${apn}
dhcp-service: { dns: [${formatIpv4(hostAddress)}] }
samog-service: {}
${blocks}`;
}

/** What a gateway has to be told that relays. */
function relayText(
  clients: string,
  wlcs: readonly Ipv4Address[],
  rate: number,
  { aaaServer }: BenchNetwork,
): { readonly profile: string; readonly mrme: string } {
  const radius = wlcs.map((wlc) => `{ address: ${formatIpv4(wlc)}/32, key: ${radiusSecret} }`).join(', ');
  return {
    profile: `  - name: radius
    access-type: pmip
    session-trigger: radius
    clients: ${clients}
    radius: { clients: [${radius}], rate: ${rate} }`,
    mrme: `  attach-time: 1h
  accounting: { wlc: proxy }
  dynamic-authorization: { clients: [{ address: ${formatIpv4(aaaServer)}, key: ${radiusSecret} }] }`,
  };
}
