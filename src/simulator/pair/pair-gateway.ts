import { PeerLink } from '../../icsr/link/peer-link.ts';
import { type IpAddress, type MacAddress, macOf } from '../../kernel/address.ts';
import { type Instant, never } from '../../kernel/instant.ts';
import type { PacketInput, PortName, Timed } from '../../kernel/port.ts';
import { SeededRandom } from '../../kernel/random.ts';
import type { ManagerReader } from '../../sessmgr/manager-reader.ts';
import { ChassisOfPair } from '../../sessmgr/pair/chassis-of-pair.ts';
import type { ChassisOfPairDependencies, ChassisOfPairOptions, Notice } from '../../sessmgr/pair/options.ts';
import type { SessionManager } from '../../sessmgr/session-manager.ts';
import { utf8Encode } from '../../wire/bytes/text.ts';
import type { MakeGateway, Surroundings, VirtualGateway } from '../gateway.ts';
import { GatewayPorts } from '../gateway-node.ts';
import { samogConfig } from '../virtual-config.ts';
import { Neighbours } from './neighbours.ts';
import type { EndingInstances, PairOptions } from './options.ts';
import { PairNode } from './pair-node.ts';
import { virtualSrpDigests } from './srp-digests.ts';
import { type ChassisName, otherThan, SrpStream } from './srp-stream.ts';
import { virtualSeal } from './virtual-seal.ts';

/** Looks at what a chassis does, as it does it. */
export interface PairWatch {
  /** A packet leaves a chassis. */
  sends(node: PairNode, port: PortName, peer: IpAddress, bytes: Uint8Array): void;
  stores(node: PairNode, term: number): void;
  /** What an operator would see. */
  notes(node: PairNode, notice: Notice): void;
  /** Of many things that a process does at one moment one is done. */
  caughtUp(): void;
  /** A process has ended; its memory can be looked at still. */
  ended(node: PairNode): void;
  /** An instance of a chassis has lost its sessions with its thread. */
  instanceEnded(node: PairNode): void;
}

const sharedKey = utf8Encode('virtual');
const restartCounter = 1;
/** Whoever has heard nothing for so many dead intervals gives the connection up. */
const idleDeadIntervals = 2;

/** Two chassis as one gateway: the service addresses lead, for each neighbour, to who announced them to it last. */
export class PairGateway implements VirtualGateway {
  readonly nodes: readonly [PairNode, PairNode];
  readonly stream: SrpStream;
  readonly core: PacketInput & Timed;
  readonly mayMiss = true;
  readonly others: VirtualGateway['others'];
  /** Sees what the chassis do. */
  watch: PairWatch | undefined;
  readonly #around: Surroundings;
  readonly #options: PairOptions;
  readonly #random: SeededRandom;
  readonly #neighbours: Neighbours<PairNode>;
  #served: PairNode;

  constructor(around: Surroundings, options: PairOptions) {
    this.#around = around;
    this.#options = options;
    this.#random = around.random;
    this.#neighbours = new Neighbours(this.#fork(), options.announceMsMax);
    this.nodes = [this.#node('A'), this.#node('B')];
    const [a, b] = this.nodes;
    this.#served = a;
    const idleMs = idleDeadIntervals * options.chassis.deadIntervalMs;
    this.stream = new SrpStream({ A: a, B: b }, this.#fork(), around.time, options.linkMs, idleMs);
    this.core = {
      receive: (port, channel, peer, peerPort, bytes, now) =>
        this.#neighbours.ownerFor(peer, now)?.receive(port, channel, peer, peerPort, bytes, now),
      advance: () => {},
      nextDeadline: () => never,
    };
    this.others = [
      { name: 'chassis A', timed: a },
      { name: 'chassis B', timed: b },
      { name: 'link', timed: this.stream },
    ];
  }

  /** The chassis that serves, of two that do the one under the higher term; or else that which served last. */
  get server(): PairNode {
    for (const node of this.nodes) {
      if (this.#served.chassis === undefined) this.#served = node;
      if (node.serves && (!this.#served.serves || termOf(node) > termOf(this.#served))) this.#served = node;
    }
    return this.#served;
  }

  get manager(): ManagerReader {
    const { chassis } = this.server;
    if (chassis === undefined) throw new Error('no chassis has been started');
    return chassis.manager;
  }

  get managers(): readonly SessionManager[] {
    return this.server.chassis?.managers ?? [];
  }

  /** How often a chassis has been asked for anything. */
  get turns(): number {
    return this.nodes[0].turns + this.nodes[1].turns;
  }

  otherThan(node: PairNode): PairNode {
    return node === this.nodes[0] ? this.nodes[1] : this.nodes[0];
  }

  holds(sessionId: number): boolean {
    return this.nodes.some((node) => node.isAlive && node.chassis?.holds(sessionId) === true);
  }

  clock(now: Instant): Instant {
    return this.server.clock(now);
  }

  clear(mac: MacAddress, now: Instant): void {
    const { server } = this;
    if (server.isRunning && server.serves) server.chassis!.instances.clear(mac, server.clock(now));
  }

  calm(now: Instant): void {
    this.stream.heal();
    for (const node of this.nodes) {
      node.endsAfter = never;
      node.endsInPromotionAfter = undefined;
      node.clocks.skewMs = 0;
      node.resume(now);
      node.start(now);
    }
  }

  #fork(): SeededRandom {
    return new SeededRandom(this.#random.u32());
  }

  #node(name: ChassisName): PairNode {
    const { offsetMs, rate, skewMs } = this.#options.clocks[name === 'A' ? 0 : 1]!;
    return new PairNode(
      name,
      { offsetMs, rate, skewMs },
      {
        chassis: (node, now) => this.#chassis(node, now),
        link: (node, role) => this.#link(node, role),
        ended: (node) => {
          // A process that ends leaves a kernel that says so; without power there is none.
          if (this.#random.chance(0.5)) this.stream.close(node.name);
          else this.stream.vanish(node.name);
          this.watch?.ended(node);
        },
        caughtUp: () => this.watch?.caughtUp(),
        hangUp: (node) => this.#hangUp(node),
      },
      this.#around.time,
    );
  }

  #chassis(node: PairNode, now: Instant): ChassisOfPair {
    const { options, digests, traffic, network, time, wallClock } = this.#around;
    const { chassis, replication } = this.#options;
    const { life } = node;
    const mine = {
      mode: node.name === 'A' ? 'primary' : 'backup',
      tiebreaker: macOf(node.name === 'A' ? 1 : 2),
    } as const;
    const act = (what: () => void) => {
      if (node.mayAct(life)) what();
    };
    const ports = new GatewayPorts(network, (port, peer, bytes) => {
      this.watch?.sends(node, port, peer, bytes);
      traffic.sent(node.chassis!.manager, port, peer, bytes);
    });
    const pairOptions: ChassisOfPairOptions = {
      chassis: { ...chassis, ...mine },
      replication,
      samog: samogConfig(options.config, options.lmas),
      configurationDigest: Uint8Array.of(1),
      instances: options.instances,
      restartCounter,
      storedTerm: node.storedTerm,
      store: node.storedStanding,
    };
    const dependencies: ChassisOfPairDependencies = {
      output: { send: (...packet) => act(() => ports.send(...packet)) },
      link: {
        send: (term, message) => act(() => node.link?.send(term, message)),
        sendHello: (hello) => act(() => node.link?.sendHello(hello)),
        close: () => act(() => this.#hangUp(node)),
      },
      digests,
      seal: virtualSeal,
      random: this.#fork(),
      wallClock: () => wallClock() + node.clocks.skewMs,
      storeTerm: (term) =>
        act(() => {
          this.watch?.stores(node, term);
          node.storedTerm = term;
        }),
      announce: () => act(() => this.#neighbours.announced(node, time.now)),
      withdraw: () => act(() => {}),
      notice: (notice) =>
        act(() => {
          this.watch?.notes(node, notice);
          noticed(node, notice);
        }),
    };
    const apart = this.#options.apart?.(pairOptions, dependencies, () => node.clock(time.now));
    node.instances = apart?.end === undefined ? undefined : (apart as EndingInstances);
    return new ChassisOfPair(pairOptions, { ...dependencies, ...(apart && { apart }) }, now);
  }

  #link(node: PairNode, role: 'client' | 'server'): PeerLink {
    const options = {
      chassisId: node.name,
      peerChassisId: otherThan(node.name),
      sharedKey,
      compressions: new Map(),
    };
    const { time } = this.#around;
    const link: PeerLink = new PeerLink(
      role,
      options,
      { digests: virtualSrpDigests, random: this.#random },
      {
        octets: (octets) => this.stream.send(node.name, octets),
        up: (version) => node.chassis!.linkUp(version, node.clock(time.now)),
        heard: (envelope) => {
          this.stream.heard(node.name);
          // What came with the octets that ended it is of no connection any more.
          if (node.link === link) node.chassis!.linkHeard(envelope, node.clock(time.now));
        },
      },
    );
    return link;
  }

  #hangUp(node: PairNode): void {
    node.hangUp();
    this.stream.close(node.name);
  }
}

/** Two chassis, to be started by whoever tells the story. */
export function pairGateway(options: PairOptions): MakeGateway {
  return (around) => new PairGateway(around, options);
}

function termOf({ chassis }: PairNode): number {
  return chassis?.chassis.term.own ?? 0;
}

function noticed(node: PairNode, notice: Notice): void {
  if (notice.kind !== 'report' || notice.report.name !== 'transition') return;
  if (notice.report.to !== 'PENDING_ACTIVE' || node.endsInPromotionAfter === undefined) return;
  node.endsAfter = node.endsInPromotionAfter;
  node.endsInPromotionAfter = undefined;
}
