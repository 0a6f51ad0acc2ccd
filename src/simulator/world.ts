import { formatMac, type IpAddress, type Ipv4Address, type MacAddress } from '../kernel/address.ts';
import type { Digests } from '../kernel/context.ts';
import { type Instant, never, type WallClock } from '../kernel/instant.ts';
import type { Timed } from '../kernel/port.ts';
import { SeededRandom } from '../kernel/random.ts';
import { type AaaAnswer, AaaServer } from '../peers/aaa-server.ts';
import { AccountingBooks } from '../peers/accounting-books.ts';
import type { Actor, Datagram } from '../peers/actor.ts';
import { EapServer } from '../peers/eap-server.ts';
import { IpAccessPoint } from '../peers/ip-access-point.ts';
import { Lma } from '../peers/lma.ts';
import { ResidentialGateway } from '../peers/residential-gateway.ts';
import { Wlc } from '../peers/wlc.ts';
import type { ManagerReader } from '../sessmgr/manager-reader.ts';
import type { SessionManager } from '../sessmgr/session-manager.ts';
import { utf8Encode } from '../wire/bytes/text.ts';
import { ipv4SourceAt } from '../wire/ipv4/ipv4.ts';
import { Authorizations } from './authorizations.ts';
import type { Lease, LmaBooks, Observed } from './checkers/checker.ts';
import { TrafficWatch } from './checkers/traffic.ts';
import { type MakeGateway, singleGateway, type VirtualGateway } from './gateway.ts';
import { gatewaySides } from './gateway-node.ts';
import { VirtualNetwork } from './network.ts';
import type { RunOptions } from './options.ts';
import { decodeProbe, encodeProbe } from './probe.ts';
import { Subscriber } from './subscriber.ts';
import { TraceHash } from './trace-hash.ts';
import { aaaServers, place, radiusSecret, wlcSecret } from './virtual-config.ts';

/** When the virtual world begins, by its wall clock. */
const epoch: WallClock = Date.UTC(2026, 0, 1);
/** A party that takes so many turns without time passing is in a loop. */
const turnsMax = 10_000;

/** A gateway and everybody around it, on a virtual network under a virtual clock. */
export class World {
  now: Instant = 0;
  steps = 0;
  readonly options: RunOptions;
  readonly random: SeededRandom;
  readonly network: VirtualNetwork;
  readonly gateway: VirtualGateway;
  readonly lmas: readonly Lma[];
  readonly aaa: readonly AaaServer[];
  /** Of all AAA servers. */
  readonly accounting = new AccountingBooks();
  readonly wlcs: readonly Wlc[];
  readonly rgs: readonly ResidentialGateway[];
  /** Access points of a site that gives UEs addresses itself; none without `accountingTrigger`. */
  readonly aps: readonly IpAccessPoint[];
  /** An RG that no profile names. */
  readonly strangeRg: ResidentialGateway;
  readonly authorizations: Authorizations;
  readonly subscribers: readonly Subscriber[];
  readonly trace = new TraceHash();
  readonly traffic = new TrafficWatch((id) => this.gateway.holds(id));
  /** How far each WLC's wall clock is ahead. */
  readonly skewMs: number[] = [];
  /** AAA servers that do not answer, by index. */
  readonly silentAaa = new Set<number>();
  /** Looks at every datagram that arrives. */
  onDatagram: ((datagram: Datagram) => void) | undefined;
  /** What went wrong with the world itself; see `turnsMax`. */
  readonly wrong: string[] = [];

  readonly #books: readonly LmaBooks[];
  readonly #parties = new Map<IpAddress, Actor>();
  readonly #timed: { readonly name: string; readonly timed: Timed }[] = [];
  readonly #subscriberOf = new Map<MacAddress, Subscriber>();
  #turns = 0;

  constructor(options: RunOptions, digests: Digests, makeGateway: MakeGateway = singleGateway) {
    this.options = options;
    this.random = new SeededRandom(options.seed ^ 0x5bd1e995);
    this.network = new VirtualNetwork(options.faults, this.#fork(), this);
    const wallClock = () => epoch + this.now;
    const { network, traffic } = this;
    const around = { options, network, digests, traffic, time: this, wallClock };
    this.gateway = makeGateway({ ...around, random: this.#fork() });
    this.lmas = Array.from({ length: options.lmas }, (_, index) => this.#lma(index, wallClock));
    this.#books = this.lmas.map((lma) => this.#booksOf(lma));
    this.aaa = Array.from({ length: aaaServers }, (_, index) => this.#aaaServer(index, digests));
    const dice = new SeededRandom(options.seed ^ 0x636f6101);
    this.authorizations = new Authorizations(network, digests, wallClock, traffic.answers, dice);
    this.wlcs = Array.from({ length: options.wlcs }, (_, index) => this.#wlc(index, digests));
    this.rgs = Array.from({ length: options.rgs }, (_, index) => this.#rg(index, place.rg(index)));
    this.aps = Array.from({ length: options.config.accountingTrigger ? 2 : 0 }, (_, index) => this.#ap(index, digests));
    this.strangeRg = this.#rg(options.rgs, place.strangeRg);
    this.subscribers = Array.from(
      { length: options.ues },
      (_, index) => new Subscriber(index, options, this.traffic, this.#fork()),
    );
    for (const subscriber of this.subscribers) {
      this.#subscriberOf.set(subscriber.ue.mac, subscriber);
      this.add(subscriber.ue.name, subscriber.ue);
    }
    for (const side of gatewaySides(this.gateway.core, options.config.sourcePorts * options.instances))
      this.#join(side);
    for (const { name, timed } of this.gateway.others) this.add(name, timed);
    for (const party of [
      this.authorizations.client,
      ...this.lmas,
      ...this.aaa,
      ...this.wlcs,
      ...this.rgs,
      ...this.aps,
      this.strangeRg,
    ])
      this.#join(party);
  }

  /** The sessions of who serves. */
  get manager(): ManagerReader {
    return this.gateway.manager;
  }

  get managers(): readonly SessionManager[] {
    return this.gateway.managers;
  }

  /** Where a UE can go; the strange RG is not among them. */
  get accessPoints(): readonly (Wlc | ResidentialGateway | IpAccessPoint)[] {
    return [...this.wlcs, ...this.rgs, ...this.aps];
  }

  /** The access point a subscriber is at; undefined for none. */
  placeOf({ ue }: Subscriber): World['accessPoints'][number] | undefined {
    return [...this.accessPoints, this.strangeRg].find((accessPoint) => accessPoint === ue.accessPoint);
  }

  /** Gives somebody turns when they are due. */
  add(name: string, timed: Timed): void {
    this.#timed.push({ name, timed });
  }

  subscriberOf(mac: MacAddress): Subscriber | undefined {
    return this.#subscriberOf.get(mac);
  }

  /** What checkers look at. */
  observed(): Observed {
    return {
      now: this.now,
      manager: this.manager,
      managers: this.managers,
      lmas: this.#books,
      lastSeenAt: (mac, accessPoint) => this.#subscriberOf.get(mac)?.lastSeenAt(accessPoint, this.now),
    };
  }

  /**
   * One step: the next packet arrives, or time passes until somebody's deadline and that one takes a turn. Time never
   * passes `limit`; false if nothing happens until then.
   */
  step(limit: Instant): boolean {
    let at = this.network.nextDelivery();
    let next = -1;
    for (let index = 0; index < this.#timed.length; index += 1) {
      const deadline = this.#timed[index]!.timed.nextDeadline();
      if (deadline < at) {
        at = deadline;
        next = index;
      }
    }
    if (at > limit || at === never) {
      this.now = Math.max(this.now, limit);
      return false;
    }
    this.#turns = at <= this.now ? this.#turns + 1 : 0;
    this.now = Math.max(this.now, at);
    this.steps += 1;
    this.trace.number(this.now);
    this.trace.number(next);
    if (next < 0) this.#deliver();
    else this.#timed[next]!.timed.advance(this.now);
    if (this.#turns > turnsMax) {
      this.#turns = 0;
      this.wrong.push(`time stands still: the last turn was ${next < 0 ? 'a packet’s' : this.#timed[next]!.name}`);
    }
    return true;
  }

  /** Everything that was made to go wrong goes right from now on. */
  calm(): void {
    this.network.calm();
    this.gateway.calm(this.now);
    this.silentAaa.clear();
    for (const lma of this.lmas) lma.down = false;
    this.skewMs.fill(0);
  }

  /** A packet from the host behind the LMAs to whoever the LMA says has the address. */
  sendDown(lma: Lma, address: Ipv4Address, number: number): void {
    const binding = lma.bindingOfAddress(address);
    const owner = binding === undefined ? undefined : this.#macOfNai(binding.nai);
    if (owner === undefined) return;
    lma.sendToUe(encodeProbe({ owner, direction: 'down', number }, place.host, address));
  }

  #deliver(): void {
    const datagram = this.network.arrive(this.now);
    if (datagram === undefined) return;
    this.trace.number(Number(datagram.source));
    this.trace.bytes(datagram.bytes);
    const party = this.#parties.get(datagram.destination);
    const hears = party?.listens.some(
      ({ protocol, port }) => protocol === datagram.protocol && port === datagram.destinationPort,
    );
    if (party === undefined || hears !== true) {
      this.network.statistics.unreachable += 1;
      return;
    }
    this.onDatagram?.(datagram);
    party.receive(datagram, this.now);
  }

  #fork(): SeededRandom {
    return new SeededRandom(this.random.u32());
  }

  #join(party: Actor): void {
    this.#parties.set(party.address, party);
    this.add(party.name, party);
  }

  #lma(index: number, wallClock: () => WallClock): Lma {
    const lma = new Lma(
      {
        name: `lma-${index}`,
        address: place.lma(index),
        pool: { address: place.pool(index), length: this.options.poolLength },
      },
      this.network,
      this.#fork(),
      wallClock,
    );
    lma.correspondent = {
      fromUe: (packet) => {
        const source = ipv4SourceAt(packet, 0);
        const binding = lma.bindingOfAddress(source);
        this.traffic.arrivedAtHost(binding === undefined ? undefined : this.#macOfNai(binding.nai), packet);
        const probe = decodeProbe(packet);
        if (probe !== undefined) this.sendDown(lma, source, probe.number);
      },
    };
    return lma;
  }

  #aaaServer(index: number, digests: Digests): AaaServer {
    const secret = utf8Encode(radiusSecret);
    const policy = (mac: MacAddress | undefined): AaaAnswer => {
      if (this.silentAaa.has(index)) return { kind: 'silent' };
      const subscriber = mac === undefined ? undefined : this.#subscriberOf.get(mac);
      if (subscriber === undefined || subscriber.rejected) return { kind: 'reject' };
      return { kind: 'accept', profile: subscriber.profile };
    };
    const options = {
      name: `aaa-${index}`,
      address: place.aaaServer(index),
      secretOf: () => secret,
      policy,
      books: this.accounting,
      takesAccounting: () => !this.silentAaa.has(index),
    };
    const server = new AaaServer(options, this.network, digests);
    const { radiusTrigger, eapRounds } = this.options.config;
    if (radiusTrigger) {
      server.eap = new EapServer(new SeededRandom(this.options.seed ^ 0x65617001 ^ index), digests);
      server.eap.rounds = eapRounds;
    }
    return server;
  }

  #wlc(index: number, digests: Digests): Wlc {
    this.skewMs[index] = 0;
    const identityOf = (mac: MacAddress) => `${formatMac(mac, '')}@wlan`;
    const radius = this.options.config.radiusTrigger
      ? { secret: utf8Encode(wlcSecret), digests, identityOf }
      : undefined;
    const options = {
      ...(radius === undefined ? {} : { radius }),
      name: `wlc-${index}`,
      address: place.wlc(index),
      lma: place.access,
      naiSeparator: ([':', '-', '.', ''] as const)[index % 4]!,
      deregistration: this.options.deregistrations[index % this.options.deregistrations.length]!,
      lifetimeSeconds: 300,
    };
    const wlc = new Wlc(options, this.network, this.#fork(), () => epoch + this.now + this.skewMs[index]!);
    wlc.silentOnRevocation = this.options.silentOnRevocation;
    return wlc;
  }

  #rg(index: number, address: Ipv4Address): ResidentialGateway {
    const key = index % 2 === 1 ? { key: 700 + index } : {};
    const vlan = index === 2 ? { vlan: 20 } : {};
    return new ResidentialGateway(
      { name: `rg-${index}`, address, gateway: place.access, ...key, ...vlan },
      this.network,
    );
  }

  #ap(index: number, digests: Digests): IpAccessPoint {
    const options = {
      name: `ap-${index}`,
      address: place.ap(index),
      gateway: place.access,
      secret: utf8Encode(wlcSecret),
      addressOf: (mac: MacAddress) => this.#addressAtSite(mac),
      router: place.siteRouter,
      prefixLength: 24,
      repeatMs: 3000,
    };
    return new IpAccessPoint(options, this.network, digests);
  }

  #addressAtSite(mac: MacAddress): Ipv4Address {
    return place.atSite(this.subscribers.findIndex(({ ue }) => ue.mac === mac));
  }

  #booksOf(lma: Lma): LmaBooks {
    const { faults, weights } = this.options;
    const unheard =
      faults.loss + faults.burst + faults.clog + faults.corruption + weights.lmaSilence > 0 || this.gateway.mayMiss;
    return {
      address: lma.address,
      get mayHaveForgotten() {
        return unheard || lma.restartCounter > 1;
      },
      leases: () => this.#leasesOf(lma),
    };
  }

  *#leasesOf(lma: Lma): Iterable<Lease> {
    for (const { nai, address } of lma.bindings()) yield { nai, address, mac: this.#macOfNai(nai) };
  }

  #macOfNai(nai: string): MacAddress | undefined {
    return this.subscribers.find((subscriber) => subscriber.nai === nai || formatMac(subscriber.ue.mac, '') === nai)?.ue
      .mac;
  }
}
