import { macOf, parseIpv4, parsePrefix } from '../../src/kernel/address.ts';
import type { Digests, Seal } from '../../src/kernel/context.ts';
import type { Instant } from '../../src/kernel/instant.ts';
import type { PacketInput, PacketOutput, PortName, Timed } from '../../src/kernel/port.ts';
import { SeededRandom } from '../../src/kernel/random.ts';
import { EventLog } from '../../src/operations/event-log.ts';
import { AaaServer } from '../../src/peers/aaa-server.ts';
import { AccountingBooks } from '../../src/peers/accounting-books.ts';
import type { Actor, Datagram, Network } from '../../src/peers/actor.ts';
import { Agenda } from '../../src/peers/agenda.ts';
import { AuthorizationClient } from '../../src/peers/authorization-client.ts';
import { CorrespondentHost } from '../../src/peers/correspondent-host.ts';
import { EapServer } from '../../src/peers/eap-server.ts';
import { Lma } from '../../src/peers/lma.ts';
import { ResidentialGateway } from '../../src/peers/residential-gateway.ts';
import { Ue } from '../../src/peers/ue.ts';
import { Wlc } from '../../src/peers/wlc.ts';
import type { SamogConfig } from '../../src/services/samog/config.ts';
import type { SamogEvent } from '../../src/services/samog/events.ts';
import type { Intercepts } from '../../src/sessmgr/intercepts.ts';
import { disconnectChannel } from '../../src/sessmgr/radius/nas-disconnects.ts';
import { SessionManager } from '../../src/sessmgr/session-manager.ts';
import type { SessionObserver } from '../../src/sessmgr/session-observer.ts';
import { utf8Encode } from '../../src/wire/bytes/text.ts';
import { noAccounting } from '../support/accounting-sample.ts';
import { testDigests } from '../support/digests.ts';
import { relayConfig } from '../support/relay-config.ts';

/** A gateway core and all parties around it in one process, on a network that takes a while and loses nothing. */

const ip = (text: string) => parseIpv4(text)!;

export const address = {
  access: ip('192.0.2.1'),
  s2a: ip('203.0.113.1'),
  aaaSide: ip('203.0.113.10'),
  aaa: ip('203.0.113.20'),
  authorization: ip('203.0.113.21'),
  lma: ip('203.0.113.100'),
  wlc1: ip('192.0.2.11'),
  wlc2: ip('192.0.2.12'),
  rg1: ip('198.51.100.1'),
  rg2: ip('198.51.100.2'),
  host: ip('198.18.0.9'),
} as const;

const prefix = (text: string) => parsePrefix(text)!;
const secret = 'a secret of the tests';
const wlcSecret = 'a secret of the WLCs';

/** A configuration whose WLCs have their UEs authenticated by RADIUS. */
export function radiusConfigOf(accessType: 'pmip' | 'eogre' = 'pmip'): SamogConfig {
  return configOf((config) => ({
    ...config,
    mrmeService: {
      ...config.mrmeService,
      twanProfiles: config.mrmeService.twanProfiles.map((profile) =>
        profile.accessType !== accessType
          ? profile
          : {
              ...profile,
              sessionTrigger: 'radius' as const,
              radius: {
                clients: profile.clients.map((client) => ({ address: client, key: wlcSecret, disconnectPort: 3799 })),
                ratePerSecond: 1000,
              },
            },
      ),
    },
  }));
}

/** The epoch of the tests' wall clock. */
const wallClockStart = 1_700_000_000_000;

export function configOf(change: (config: SamogConfig) => SamogConfig = (config) => config): SamogConfig {
  return change({
    accessLists: [{ name: 'nothing', rules: [] }],
    mrmeService: {
      name: 'mrme',
      twanProfiles: [
        { name: 'wlc', accessType: 'pmip', sessionTrigger: 'pmipv6', clients: [prefix('192.0.2.0/24')] },
        { name: 'rg', accessType: 'eogre', sessionTrigger: 'dhcp', clients: [prefix('198.51.100.0/24')] },
      ],
      bind: { address: address.aaaSide, interface: undefined, sourcePorts: 1 },
      nasIdentifier: 'samog',
      nasIpAddress: address.aaaSide,
      userName: { format: 'mac-no-separator', case: 'lower', realm: undefined },
      password: { kind: 'mac' },
      relay: { ...relayConfig, bind: { ...relayConfig.bind, address: address.access } },
      radius: {
        servers: [
          {
            name: 'aaa',
            address: address.aaa,
            port: 1812,
            acctPort: 1813,
            secret,
            priority: 100,
            weight: 1,
            outstandingMax: 256,
            statusServer: true,
          },
        ],
        timeoutMs: 1000,
        retransmissions: 2,
        deadTimeMs: 10_000,
        outstandingMax: 256,
      },
      accounting: noAccounting,
      dynamicAuthorization: {
        port: 3799,
        windowMs: 300_000,
        eventTimestamp: 'required',
        clients: [{ prefix: prefix('203.0.113.21'), secret }],
      },
    },
    cgwService: {
      name: 'cgw',
      access: {
        address: address.access,
        interface: undefined,
        greTransport: 'udp',
        mtu: 1500,
        vmac: macOf(0x02005e0000fe),
      },
      s2a: {
        address: address.s2a,
        interface: undefined,
        greTransport: 'udp',
        mtu: 1500,
        lmas: [address.lma],
        lmaSelection: 'aaa-then-default',
        apn: 'internet',
        heartbeat: { intervalMs: 60_000, missing: 3 },
        lifetimeSeconds: 3600,
        refreshBeforeSeconds: 300,
        retransmission: { initialMs: 1000, maxMs: 32_000, attempts: 6 },
      },
      binding: { lifetimeMaxSeconds: 3600, timestampWindowMs: 7000, deregistrationDelayMs: 10_000 },
      revocation: { enable: true, trigger: 2, delayMs: 0, initialTimeoutMs: 1000, maxTimeoutMs: 2000, retries: 1 },
    },
    dhcpService: {
      name: 'dhcp',
      leaseTimeSeconds: 3600,
      offerTimeMs: 60_000,
      releaseGraceMs: 60_000,
      dns: [],
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
      sessionsMax: 1000,
      setupTimeoutMs: 30_000,
      handover: { enable: true, guardTimeMs: 2000, ratePerMinute: 6 },
    },
  });
}

/** Of the first RADIUS channel; the others follow. */
const aaaSourcePort = 20_000;

/** The gateway's doors: the address and port that a datagram must have to come in through each. */
const doors: readonly {
  readonly port: PortName;
  readonly channel?: number;
  readonly address: number;
  readonly udp: number | undefined;
}[] = [
  { port: 'access-gre', address: address.access, udp: undefined },
  { port: 'access-pmipv6', address: address.access, udp: 5436 },
  { port: 'access-radius', address: address.access, udp: 1812 },
  { port: 'access-radius', channel: 1, address: address.access, udp: 1813 },
  { port: 'access-radius', address: address.access, udp: 1814, channel: disconnectChannel },
  { port: 's2a-gre', address: address.s2a, udp: undefined },
  { port: 's2a-pmipv6', address: address.s2a, udp: 5436 },
  { port: 'aaa', address: address.aaaSide, udp: aaaSourcePort },
  { port: 'dynamic-authorization', address: address.aaaSide, udp: 3799 },
];

export class MemoryWorld implements Network {
  now: Instant = 0;
  readonly random = new SeededRandom(7);
  readonly events: SamogEvent[] = [];
  readonly eventLog = new EventLog();
  gateway: SessionManager;
  /** Sends with the gateway's addresses. */
  readonly output: PacketOutput;
  /** Who has the gateway's addresses instead of the gateway. */
  owner: PacketInput | undefined;
  /** Makes a gateway with the addresses of this one, as its standby has them. */
  readonly newGateway: () => SessionManager;
  readonly aaa: AaaServer;
  /** Of the AAA server. */
  readonly accounting = new AccountingBooks();
  /** Where AAA changes sessions from, if the configuration lets it. */
  readonly authorization: AuthorizationClient;
  readonly lma: Lma;
  readonly host: CorrespondentHost;
  readonly wlc1: Wlc;
  readonly wlc2: Wlc;
  readonly rg1: ResidentialGateway;
  readonly rg2: ResidentialGateway;
  readonly ue: Ue;
  readonly timed: Timed[];
  /** Drops datagrams for which it returns true. */
  drops: (datagram: Datagram) => boolean = () => false;
  /** From one party to another. */
  latencyMs = 1;
  readonly #wire = new Agenda();
  readonly #actors: readonly Actor[];
  readonly #listeners = new Map<string, (datagram: Datagram) => void>();

  /**
   * @param digests the gateway's
   * @param observer of the gateway's sessions, and of those of every other gateway
   * @param seal that all gateways have
   * @param intercepts of whoever serves
   */
  constructor(
    config: SamogConfig = configOf(),
    digests: Digests = testDigests,
    observer?: SessionObserver,
    seal?: Seal,
    intercepts?: Intercepts,
  ) {
    const wallClock = () => wallClockStart + this.now;
    const secretOf = () => utf8Encode(secret);
    this.output = {
      send: (port, channel, peer, peerPort, bytes) => {
        const door = doors.find((candidate) => candidate.port === port)!;
        const source = door.address as Datagram['source'];
        const protocol = door.udp === undefined ? 'gre' : 'udp';
        const sourcePort = (door.udp ?? 0) + channel;
        this.send({ protocol, source, sourcePort, destination: peer, destinationPort: peerPort, bytes });
      },
    };
    this.newGateway = () =>
      new SessionManager(config, {
        output: this.output,
        digests,
        random: this.random,
        wallClock,
        restartCounter: 1,
        report: (event) => {
          const kept = keptEvent(event);
          this.events.push(kept);
          this.eventLog.add(kept, this.now);
        },
        ...(observer === undefined ? {} : { observer }),
        ...(seal === undefined ? {} : { seal }),
        ...(intercepts === undefined ? {} : { intercepts }),
      });
    this.gateway = this.newGateway();
    const accept = () => ({ kind: 'accept', profile: { apn: 'internet' } }) as const;
    const { accounting: books } = this;
    this.aaa = new AaaServer({ name: 'aaa', address: address.aaa, secretOf, policy: accept, books }, this, testDigests);
    this.authorization = new AuthorizationClient(
      { name: 'authorization', address: address.authorization, server: address.aaaSide, secret: utf8Encode(secret) },
      this,
      testDigests,
      wallClock,
    );
    const pool = prefix('10.45.0.0/24');
    this.lma = new Lma({ name: 'lma', address: address.lma, pool }, this, this.random, wallClock);
    this.host = new CorrespondentHost(address.host, this.lma);
    const speaksRadius = config.mrmeService.twanProfiles.some(({ sessionTrigger }) => sessionTrigger === 'radius');
    if (speaksRadius) this.aaa.eap = new EapServer(this.random, testDigests);
    const radius = { secret: utf8Encode(wlcSecret), digests: testDigests, identityOf: () => '0001@wlan.example' };
    const wlc = (name: string, own: typeof address.wlc1) =>
      new Wlc(
        { name, address: own, lma: address.access, ...(speaksRadius ? { radius } : {}) },
        this,
        this.random,
        wallClock,
      );
    this.wlc1 = wlc('wlc1', address.wlc1);
    this.wlc2 = wlc('wlc2', address.wlc2);
    this.rg1 = new ResidentialGateway({ name: 'rg1', address: address.rg1, gateway: address.access }, this);
    const tagged = { key: 77, vlan: 100 };
    this.rg2 = new ResidentialGateway({ name: 'rg2', address: address.rg2, gateway: address.access, ...tagged }, this);
    this.ue = new Ue({ name: 'ue', mac: macOf(0x02005e100001), correspondent: address.host }, this.random);
    this.#actors = [this.aaa, this.authorization, this.lma, this.wlc1, this.wlc2, this.rg1, this.rg2];
    this.timed = [this.#wire, this.gateway, ...this.#actors, this.ue];
    this.gateway.s2a.start(0);
  }

  /** Has somebody listen at a UDP port of an address, besides the actor that has it. */
  listen(at: number, port: number, listener: (datagram: Datagram) => void): void {
    this.#listeners.set(`${at}/${port}`, listener);
  }

  send(datagram: Datagram): void {
    if (this.drops(datagram)) return;
    const copy = { ...datagram, bytes: datagram.bytes.slice() };
    this.#wire.at(this.now + this.latencyMs, () => this.#deliver(copy));
  }

  /** Lets another gateway serve from now on; what is on the wire arrives there. */
  takeOver(gateway: SessionManager): void {
    this.timed[this.timed.indexOf(this.gateway)] = gateway;
    this.gateway = gateway;
  }

  /** Lets everything happen that is due until then. */
  runUntil(end: Instant): void {
    for (let steps = 0; ; steps += 1) {
      if (steps > 1_000_000) throw new Error('the world does not come to rest');
      const next = Math.min(...this.timed.map((party) => party.nextDeadline()));
      if (next > end) break;
      this.now = Math.max(this.now, next);
      for (const party of this.timed) if (party.nextDeadline() <= this.now) party.advance(this.now);
    }
    this.now = end;
  }

  run(forMs: number): void {
    this.runUntil(this.now + forMs);
  }

  /** Counters of the gateway that are not zero. */
  counted(): Record<string, number> {
    return Object.fromEntries(Object.entries(this.gateway.counters.snapshot()).filter(([, value]) => value !== 0));
  }

  #deliver(datagram: Datagram): void {
    const { protocol, destination, destinationPort, source, sourcePort, bytes } = datagram;
    const udp = protocol === 'gre' ? undefined : destinationPort;
    const channel = udp !== undefined && udp > aaaSourcePort ? udp - aaaSourcePort : 0;
    const doorPort = channel > 0 ? aaaSourcePort : udp;
    const door = doors.find((candidate) => candidate.address === destination && candidate.udp === doorPort);
    if (door !== undefined) {
      return (this.owner ?? this.gateway).receive(
        door.port,
        door.channel ?? channel,
        source,
        sourcePort,
        bytes,
        this.now,
      );
    }
    const listener = this.#listeners.get(`${destination}/${udp}`);
    if (listener !== undefined) return listener(datagram);
    const actor = this.#actors.find(({ address: own }) => own === destination);
    if (actor?.listens.some((at) => at.protocol === protocol && at.port === (udp ?? 0))) {
      actor.receive(datagram, this.now);
    }
  }
}

/** What went over the wire is read at once, as whoever keeps it has to. */
function keptEvent(event: SamogEvent): SamogEvent {
  const message = event.message?.();
  if (message === undefined) return event;
  const copy = { ...message, octets: message.octets.slice() };
  return { ...event, message: () => copy };
}
