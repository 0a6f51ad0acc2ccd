import type { AccessRule } from '../forwarding/filter.ts';
import { type IpAddress, type Ipv4Address, ipv4Of, macOf, parseIpv4 } from '../kernel/address.ts';
import type { SamogConfig, TwanProfile } from '../services/samog/config.ts';
import { radiusPort } from '../wire/radius/constants.ts';
import { changeLists } from './checkers/changes.ts';
import type { VirtualConfig } from './options.ts';

const at = (text: string): Ipv4Address => parseIpv4(text)!;

/** Who lives where in the virtual world. Numbers count from 0. */
export const place = {
  access: at('192.0.2.1'),
  s2a: at('198.51.100.1'),
  aaa: at('203.0.113.1'),
  wlc: (index: number) => ipv4Of(at('192.0.2.16') + index),
  rg: (index: number) => ipv4Of(at('192.0.2.32') + index),
  /** An access point of a site that gives its UEs addresses itself, and what it gives them there. */
  ap: (index: number) => ipv4Of(at('192.0.2.48') + index),
  siteRouter: at('192.168.0.1'),
  atSite: (ue: number) => ipv4Of(at('192.168.0.16') + ue),
  /** A residential gateway that no profile names. */
  strangeRg: at('192.0.2.200'),
  lma: (index: number) => ipv4Of(at('198.51.100.16') + index),
  /** Where AAA changes sessions from. */
  authorization: at('203.0.113.32'),
  aaaServer: (index: number) => ipv4Of(at('203.0.113.16') + index),
  /** The network of an LMA's pool. */
  pool: (lma: number) => ipv4Of(at('10.0.0.0') + lma * 0x10000),
  /** The host in the packet data network behind the LMAs. */
  host: at('198.18.0.1'),
  /** Two octets differ from UE to UE: one octet damaged on the way makes no UE another. */
  ue: (index: number) => macOf(0x02005e000000 + index * 0x0101),
};

export const aaaServers = 2;
export const radiusPortNumber = 1812;
export const radiusSecret = 'virtual';
/** Of the WLCs, where they speak RADIUS, and of access points. */
export const wlcSecret = 'virtual too';
/** Of AAA where it changes sessions. */
export const changesSecret = 'virtual changes';
/** The source port of RADIUS channel 0; the others follow. */
export const radiusSourcePort = 20_000;

const everything: AccessRule = {
  action: 'permit',
  protocol: undefined,
  source: undefined,
  destination: undefined,
  sourcePorts: undefined,
  destinationPorts: undefined,
};

const vmac = macOf(0x02005e00fffe);

/** The gateway's configuration in the virtual world. */
export function samogConfig(options: VirtualConfig, lmas: number): SamogConfig {
  const outstandingMax = Math.min(options.outstandingMax, options.sourcePorts * 256);
  return {
    accessLists: options.changes ? changeLists.map((name) => ({ name, rules: [everything] })) : [],
    mrmeService: {
      name: 'mrme',
      twanProfiles: twanProfiles(options),
      bind: { address: place.aaa, interface: undefined, sourcePorts: options.sourcePorts },
      nasIdentifier: 'samog',
      nasIpAddress: place.aaa,
      userName: { format: 'mac-no-separator', case: 'lower', realm: undefined },
      password: { kind: 'mac' },
      relay: {
        bind: { address: place.access, authPort: 1812, acctPort: 1813 },
        framedMtu: undefined,
        attachTimeMs: 60_000,
        disconnectDelayMs: 10_000,
        conversationsMax: 65_536,
      },
      radius: {
        servers: Array.from({ length: aaaServers }, (_, index) => ({
          name: `aaa-${index}`,
          address: place.aaaServer(index),
          port: radiusPortNumber,
          acctPort: radiusPortNumber + 1,
          secret: radiusSecret,
          priority: index,
          weight: 1,
          outstandingMax,
          statusServer: true,
        })),
        timeoutMs: options.radiusTimeoutMs,
        retransmissions: 2,
        deadTimeMs: 10_000,
        outstandingMax,
      },
      accounting: {
        wlc: 'server',
        own: options.accounting,
        interimIntervalSeconds: options.interimIntervalSeconds,
        idleTimeoutSeconds: 60,
        holdDownMs: options.holdDownMs,
        owedMax: 100_000,
      },
      dynamicAuthorization: options.changes
        ? {
            port: radiusPort.dynamicAuthorization,
            windowMs: 300_000,
            eventTimestamp: 'required',
            clients: [{ prefix: { address: place.authorization, length: 32 }, secret: changesSecret }],
          }
        : undefined,
    },
    cgwService: cgwService(options, lmas),
    dhcpService: {
      name: 'dhcp',
      leaseTimeSeconds: options.leaseTimeSeconds,
      offerTimeMs: options.offerTimeMs,
      releaseGraceMs: options.releaseGraceMs,
      dns: [place.host],
      domain: undefined,
      serverIdentifier: undefined,
      mtu: undefined,
      renewal: 0.5,
      rebinding: 0.875,
    },
    samogService: {
      name: 'samog',
      cgwService: 'cgw',
      mrmeService: 'mrme',
      dhcpService: 'dhcp',
      sessionsMax: options.sessionsMax,
      setupTimeoutMs: options.setupTimeoutMs,
      handover: {
        enable: options.handoverEnable,
        guardTimeMs: options.guardTimeMs,
        ratePerMinute: options.ratePerMinute,
      },
    },
  };
}

function twanProfiles({ dhcpProfile, radiusTrigger, accountingTrigger }: VirtualConfig): TwanProfile[] {
  const prefix = (address: IpAddress) => ({ address, length: 28 });
  const pmip: TwanProfile = {
    name: 'wlc',
    accessType: 'pmip',
    sessionTrigger: radiusTrigger ? 'radius' : 'pmipv6',
    clients: [prefix(place.wlc(0))],
    radius: {
      clients: [{ address: prefix(place.wlc(0)), key: wlcSecret, disconnectPort: 3799 }],
      ratePerSecond: 1000,
    },
  };
  const eogre: TwanProfile = {
    name: 'rg',
    accessType: 'eogre',
    sessionTrigger: 'dhcp',
    clients: [prefix(place.rg(0))],
  };
  const ip: TwanProfile = {
    name: 'ap',
    accessType: 'ip',
    sessionTrigger: 'accounting',
    clients: [prefix(place.ap(0))],
    radius: { clients: [{ address: prefix(place.ap(0)), key: wlcSecret, disconnectPort: 3799 }], ratePerSecond: 1000 },
  };
  return [pmip, ...(dhcpProfile ? [eogre] : []), ...(accountingTrigger ? [ip] : [])];
}

function cgwService(options: VirtualConfig, lmas: number): SamogConfig['cgwService'] {
  return {
    name: 'cgw',
    access: { address: place.access, interface: undefined, greTransport: 'raw', mtu: 1500, vmac },
    s2a: {
      address: place.s2a,
      interface: undefined,
      greTransport: 'raw',
      mtu: 1500,
      lmas: Array.from({ length: lmas }, (_, index) => place.lma(index)),
      lmaSelection: 'aaa-then-default',
      apn: 'internet',
      heartbeat: { intervalMs: options.heartbeatMs, missing: 3 },
      lifetimeSeconds: options.s2aLifetimeSeconds,
      refreshBeforeSeconds: Math.floor(options.s2aLifetimeSeconds / 3),
      retransmission: { initialMs: 1000, maxMs: 32_000, attempts: 4 },
    },
    binding: {
      lifetimeMaxSeconds: options.bindingLifetimeSeconds,
      timestampWindowMs: 7000,
      deregistrationDelayMs: options.deregistrationDelayMs,
    },
    revocation: {
      enable: options.revocationEnable,
      trigger: 2,
      delayMs: 20,
      initialTimeoutMs: 1000,
      maxTimeoutMs: 2000,
      retries: 1,
    },
  };
}
