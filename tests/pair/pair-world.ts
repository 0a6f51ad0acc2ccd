/** A pair of chassis with all parties around it in one process; the service addresses lead to who announced them last. */
import { hostSeal } from '../../src/host/seal.ts';
import { type ChassisOptions, chassisDefaults } from '../../src/icsr/chassis/options.ts';
import type { StoreStanding } from '../../src/icsr/chassis/store-standing.ts';
import type { ComparableConfiguration } from '../../src/icsr/configuration/exchange.ts';
import { PeerLink } from '../../src/icsr/link/peer-link.ts';
import { macOf } from '../../src/kernel/address.ts';
import { type Instant, never } from '../../src/kernel/instant.ts';
import type { PacketInput, Timed } from '../../src/kernel/port.ts';
import { SeededRandom } from '../../src/kernel/random.ts';
import type { Datagram } from '../../src/peers/actor.ts';
import { Agenda } from '../../src/peers/agenda.ts';
import { MeasuredTraffic } from '../../src/peers/measured-traffic.ts';
import type { Ue } from '../../src/peers/ue.ts';
import type { ResumedSession } from '../../src/services/samog/checkpoints/resume.ts';
import type { SamogConfig } from '../../src/services/samog/config.ts';
import { ChassisOfPair } from '../../src/sessmgr/pair/chassis-of-pair.ts';
import {
  type ChassisOfPairDependencies,
  type ChassisOfPairOptions,
  type ReplicationOptions,
  replicationDefaults,
} from '../../src/sessmgr/pair/options.ts';
import { utf8Encode } from '../../src/wire/bytes/text.ts';
import { decodeMobility } from '../../src/wire/pmipv6/message.ts';
import type { SrpMessage } from '../../src/wire/srp/messages.ts';
import { address, configOf, MemoryWorld } from '../scenarios/memory-world.ts';
import type { DeliveryDesk } from '../support/delivery-desk.ts';
import { testDigests } from '../support/digests.ts';
import { type PortedMembers, portedMembers } from '../support/ported-members.ts';
import { testSrpDigests } from '../support/srp-digests.ts';

type Name = 'A' | 'B';

const wallClockStart = 1_700_000_000_000;
const reconnectMs = 20;
/** How sessions are kept where instances are apart. */
const keptApart = { flushIntervalMs: 20, accountingIntervalMs: 1000 };

/** From one chassis to the other. */
const linkMs = 0.5;

/** A chassis with its process and its disk. Its clock is its own. */
export class PairNode implements PacketInput, Timed {
  readonly name: Name;
  readonly #clockOffsetMs: number;
  readonly #make: (storedTerm: number, now: Instant, store?: StoreStanding) => ChassisOfPair;
  chassis: ChassisOfPair;
  /** Its end of the connection to the other. */
  link: PeerLink | undefined;
  storedTerm = 0;
  /** Its sessions on disk. */
  stored: readonly ResumedSession[] = [];
  /** The instances of its present process, if they are apart. */
  apart: PortedMembers | undefined;
  isAlive = true;

  constructor(
    name: Name,
    clockOffsetMs: number,
    now: Instant,
    make: (node: PairNode, storedTerm: number, now: Instant, store?: StoreStanding) => ChassisOfPair,
  ) {
    this.name = name;
    this.#clockOffsetMs = clockOffsetMs;
    this.#make = (storedTerm, at, store) => make(this, storedTerm, at, store);
    this.chassis = this.#make(0, this.clock(now));
  }

  get state(): string {
    return this.isAlive ? this.chassis.chassis.state.kind : 'dead';
  }

  get isReady(): boolean {
    return this.state === 'STANDBY' && this.chassis.chassis.synchronisation.ready;
  }

  clock(now: Instant): Instant {
    return now + this.#clockOffsetMs;
  }

  restart(now: Instant): void {
    this.chassis = this.#make(this.storedTerm, this.clock(now), this.chassis.chassis.store);
    this.isAlive = true;
  }

  receive(...[port, channel, peer, peerPort, bytes, now]: Parameters<PacketInput['receive']>): void {
    if (this.isAlive) this.chassis.receive(port, channel, peer, peerPort, bytes, this.clock(now));
  }

  advance(now: Instant): void {
    if (this.isAlive) this.chassis.advance(this.clock(now));
  }

  nextDeadline(): Instant {
    return this.isAlive ? this.chassis.nextDeadline() - this.#clockOffsetMs : never;
  }
}

export class PairWorld {
  readonly samog: SamogConfig;
  readonly world: MemoryWorld;
  readonly a: PairNode;
  readonly b: PairNode;
  /** What left the gateway's addresses but GRE: mobility messages by kind, RADIUS as `radius`. */
  readonly signalling: { readonly at: Instant; readonly kind: string }[] = [];
  /** What a chassis sent that was not to serve. */
  readonly unduly: string[] = [];
  /** Who announced the service addresses, in order. */
  readonly announcements: Name[] = [];
  /** Nothing passes between the chassis. */
  isCut = false;
  /** Octets toward this chassis are held back for so long beside. */
  readonly delayMs: Record<Name, number> = { A: 0, B: 0 };
  /** The next octets between the chassis arrive with an error. */
  garblesNext = false;
  /** Of chassis that are started from now on. */
  olderStoreLimitMs = 0;
  drops: (datagram: Datagram) => boolean = () => false;
  /** What becomes of a message that a chassis says, but for the hello. */
  readonly says: Partial<Record<Name, (message: SrpMessage) => SrpMessage>> = {};
  /** As each chassis has read it when it starts. */
  readonly configurations: Record<Name, ComparableConfiguration>;
  /** Session manager instances of each chassis when it starts. */
  readonly instances: Record<Name, number>;
  /** Of each chassis, for every process of it. */
  readonly #intercepts: ((name: Name) => readonly DeliveryDesk[] | undefined) | undefined;
  /** Beside what is usual, of each chassis when it starts. */
  replication: Partial<ReplicationOptions> = {};
  /** Where the session managers of chassis that are made from now on are: of `apart` every message to and from them is cloned. */
  static placement: 'here' | 'apart' = 'here';
  #attachesAsked = 0;
  readonly #agenda = new Agenda();
  readonly #random = new SeededRandom(11);
  /** Counts connections: octets of a former one are not delivered. */
  #connection = 0;
  #isConnected = false;
  readonly #onTheWay: Record<Name, { readonly connection: number; readonly octets: Uint8Array }[]> = { A: [], B: [] };
  readonly #linkFreeAt: Record<Name, Instant> = { A: 0, B: 0 };

  constructor(
    configurations: Partial<Record<Name, ComparableConfiguration>> = {},
    instances: Record<Name, number> = { A: 1, B: 1 },
    samog: SamogConfig = configOf(),
    intercepts?: (name: Name) => readonly DeliveryDesk[] | undefined,
  ) {
    this.#intercepts = intercepts;
    this.samog = samog;
    this.world = new MemoryWorld(samog, testDigests);
    const { world } = this;
    this.instances = instances;
    const digest = Uint8Array.of(1);
    this.configurations = { A: { digest, lines: [] }, B: { digest, lines: [] }, ...configurations };
    this.a = this.#node('A', 5000);
    this.b = this.#node('B', 90_000);
    world.owner = this.a;
    world.timed.splice(world.timed.indexOf(world.gateway), 1, this.#agenda, this.a, this.b);
    world.drops = (datagram) => {
      const own = [address.access, address.s2a, address.aaaSide] as readonly number[];
      if (datagram.protocol === 'udp' && own.includes(datagram.source as number)) {
        const message = decodeMobility(datagram.bytes);
        this.signalling.push({ at: world.now, kind: message.ok ? message.value.kind : 'radius' });
      }
      return this.drops(datagram);
    };
    this.#connectSoon();
  }

  /** A is active, B a READY standby, and the UE attached. */
  static attached(
    by: 'wlc1' | 'rg1',
    samog?: SamogConfig,
    intercepts?: (name: Name) => readonly DeliveryDesk[] | undefined,
  ): PairWorld {
    const pair = new PairWorld({}, undefined, samog, intercepts);
    pair.world.run(1000);
    pair.world.ue.moveTo(pair.world[by], 'dhcp-discover', pair.world.now);
    pair.world.run(500);
    pair.signalling.length = 0;
    pair.#attachesAsked = pair.attachesAsked;
    return pair;
  }

  /** What UEs have asked for by way of attaching, on both chassis. */
  get attachesAsked(): number {
    let asked = 0;
    for (const { chassis } of [this.a, this.b]) {
      const { counters } = chassis.manager;
      asked += counters.get('dhcp.discover') + counters.get('dhcp.request') + counters.get('session.attempted');
    }
    return asked;
  }

  /** Since the UE attached first; a restarted chassis has forgotten what it was asked. */
  get attachesAskedSince(): number {
    return Math.max(this.attachesAsked - this.#attachesAsked, 0);
  }

  /** Who serves. */
  get active(): PairNode {
    const serving = [this.a, this.b].filter((node) => node.isAlive && node.chassis.serves);
    if (serving.length !== 1) throw new Error(`${serving.length} chassis serve: ${this.a.state}, ${this.b.state}`);
    return serving[0]!;
  }

  get session() {
    return this.active.chassis.sessions?.registry.ofMac(this.world.ue.mac)?.session;
  }

  /** How the UE's packets are forwarded: addresses, paths and keys. */
  get path() {
    return this.pathOf(this.world.ue);
  }

  /** How a UE's packets are forwarded; undefined if it has no session. */
  pathOf({ mac }: Pick<Ue, 'mac'>) {
    const { registry, flows } = this.active.chassis.sessions!;
    const session = registry.ofMac(mac)?.session;
    const entry = session?.kind === 'Live' ? flows.readBack(session.durable.id) : undefined;
    if (entry === undefined) return undefined;
    const { sessionId, addresses, access, s2a } = entry;
    const { peer, uplinkKey, downlinkKey } = s2a;
    return { sessionId, addresses, access, s2a: { peer, uplinkKey, downlinkKey } };
  }

  /** What was said of a kind since the signalling was cleared, and when. */
  saidAt(kind: string): readonly Instant[] {
    return this.signalling.filter((said) => said.kind === kind).map(({ at }) => at);
  }

  traffic(): MeasuredTraffic {
    const traffic = new MeasuredTraffic(this.world.ue, this.world.host, { intervalMs: 1 });
    this.world.timed.push(traffic);
    traffic.start(this.world.now);
    return traffic;
  }

  /** Its process ends at once; the peer sees its connection reset. */
  kill(node: PairNode): void {
    node.isAlive = false;
    this.#disconnect('reset');
  }

  restart(node: PairNode): void {
    node.restart(this.world.now);
    this.#connectSoon();
  }

  cut(): void {
    this.isCut = true;
  }

  heal(): void {
    this.isCut = false;
    this.reset();
  }

  /** The connection is reset, and opened again. */
  reset(): void {
    this.#disconnect('reset');
    this.#connectSoon();
  }

  /** The thread of an instance ends; `begin` has another one take its place. */
  endThread(node: PairNode, index: number, isAgain = false): { readonly begin: () => void } {
    const sessions = node.apart!.end(index);
    const how = { why: 'the test has ended it', sessions, isAgain };
    node.chassis.threadEnded(index, how, node.clock(this.world.now));
    return {
      begin: () => {
        node.apart!.begin(index);
        node.chassis.threadBegun(index, () => {}, node.clock(this.world.now));
      },
    };
  }

  switchOver(force = false): void {
    const { active } = this;
    const now = active.clock(this.world.now);
    active.chassis.command({ kind: 'switchoverRequested', cause: 'manual', force }, now);
  }

  #node(name: Name, clockOffsetMs: number): PairNode {
    return new PairNode(name, clockOffsetMs, this.world.now, (...made) => this.#chassis(...made));
  }

  #chassis(node: PairNode, storedTerm: number, now: Instant, store?: StoreStanding): ChassisOfPair {
    const { world } = this;
    const { digest, ...comparable } = this.configurations[node.name];
    const desks = this.#intercepts?.(node.name);
    const chassis: ChassisOptions = {
      ...chassisDefaults,
      mode: node.name === 'A' ? 'primary' : 'backup',
      tiebreaker: macOf(node.name === 'A' ? 1 : 2),
      guardPeriodMs: 0,
      dampingPeriodMs: 0,
      olderStoreLimitMs: this.olderStoreLimitMs,
    };
    const options: ChassisOfPairOptions = {
      chassis,
      replication: { ...replicationDefaults, instance: 1, buckets: 16, auditIntervalMs: 1500, ...this.replication },
      samog: this.samog,
      configurationDigest: digest,
      instances: this.instances[node.name],
      configuration: { ...comparable, intervalMs: 60_000 },
      restartCounter: node.name === 'A' ? 5 : 7,
      storedTerm,
      store,
    };
    const dependencies: ChassisOfPairDependencies = {
      output: {
        send: (...packet) => {
          const { state } = node.chassis.chassis;
          if (state.kind !== 'ACTIVE') this.unduly.push(`${node.name} in ${state.kind}: ${packet[0]}`);
          world.output.send(...packet);
        },
      },
      link: {
        send: (term, message) => node.link?.send(term, this.says[node.name]?.(message) ?? message),
        sendHello: (hello) => node.link?.sendHello(hello),
        close: (reason) => this.#agenda.at(world.now, () => this.#disconnect(reason)),
      },
      digests: testDigests,
      seal: hostSeal(utf8Encode('shared by both'), 'answers'),
      interceptsOf: (index) => desks?.[index]?.intercepts,
      random: this.#random,
      wallClock: () => wallClockStart + world.now,
      storeTerm: (term) => {
        node.storedTerm = term;
      },
      announce: () => {
        world.owner = node;
        this.announcements.push(node.name);
      },
      withdraw: () => {},
      recover: (manager) => void manager.adopt(node.stored),
      report: (event) => world.events.push(event),
    };
    node.apart =
      PairWorld.placement === 'apart'
        ? portedMembers(options, dependencies, () => node.clock(world.now), keptApart, desks)
        : undefined;
    return new ChassisOfPair(options, { ...dependencies, ...(node.apart && { apart: node.apart }) }, now);
  }

  /** In order, as TCP does. */
  #carry(from: PairNode, octets: Uint8Array): void {
    const to = from === this.a ? this.b : this.a;
    const connection = this.#connection;
    const at = Math.max(this.#linkFreeAt[to.name], this.world.now + linkMs + this.delayMs[to.name]);
    this.#linkFreeAt[to.name] = at;
    if (this.isCut) return;
    if (this.garblesNext) {
      this.garblesNext = false;
      octets[octets.length - 1]! ^= 1;
    }
    const queue = this.#onTheWay[to.name];
    queue.push({ connection, octets });
    // Appointments of one moment are kept in any order; octets are not.
    this.#agenda.at(at, () => {
      const first = queue.shift()!;
      if (first.connection !== this.#connection || !to.isAlive || this.isCut) return;
      const fault = to.link?.receive(first.octets);
      if (fault !== undefined) this.#disconnect(fault);
    });
  }

  #disconnect(reason: string): void {
    this.#connection += 1;
    this.#isConnected = false;
    for (const node of [this.a, this.b]) {
      node.link = undefined;
      if (node.isAlive) node.chassis.linkDown(reason, node.clock(this.world.now));
    }
    this.#connectSoon();
  }

  #connectSoon(): void {
    this.#agenda.at(this.world.now + reconnectMs, () => {
      if (this.#isConnected || this.isCut || !this.a.isAlive || !this.b.isAlive) return;
      this.#isConnected = true;
      this.#link(this.b, 'server');
      this.#link(this.a, 'client');
    });
  }

  #link(node: PairNode, role: 'client' | 'server'): void {
    const options = {
      chassisId: node.name,
      peerChassisId: node.name === 'A' ? 'B' : 'A',
      sharedKey: utf8Encode('a key of the tests'),
      compressions: new Map(),
    };
    node.link = new PeerLink(
      role,
      options,
      { digests: testSrpDigests, random: this.#random },
      {
        octets: (octets) => this.#carry(node, octets),
        up: (version) => node.chassis.linkUp(version, node.clock(this.world.now)),
        heard: (envelope) => node.chassis.linkHeard(envelope, node.clock(this.world.now)),
      },
    );
    node.link.start();
  }
}
