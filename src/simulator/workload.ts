import { formatMac, type Ipv4Address, ipv4Of, type MacAddress, macOf } from '../kernel/address.ts';
import { type Instant, never } from '../kernel/instant.ts';
import type { Timed } from '../kernel/port.ts';
import type { SeededRandom } from '../kernel/random.ts';
import type { Datagram } from '../peers/actor.ts';
import { Agenda } from '../peers/agenda.ts';
import type { ArrivalManner } from '../peers/ue.ts';
import { encodeEthernet, etherType } from '../wire/ethernet/ethernet.ts';
import { greLength, greProtocol, writeGre } from '../wire/gre/gre.ts';
import { pmipv6Port } from '../wire/pmipv6/constants.ts';
import type { WorkloadWeights } from './options.ts';
import { encodeProbe } from './probe.ts';
import type { Subscriber } from './subscriber.ts';
import { place, radiusSourcePort } from './virtual-config.ts';
import type { World } from './world.ts';

const capturesMax = 64;
const manners: readonly ArrivalManner[] = ['dhcp-discover', 'dhcp-request', 'data'];

/** What happens to the world: seeded stories of UEs that come, move, talk and go, and of everything that goes wrong. */
export class Workload implements Timed {
  readonly #world: World;
  readonly #random: SeededRandom;
  readonly #agenda = new Agenda();
  /** What happens, as often as its weight says. */
  readonly #wheel: readonly (keyof WorkloadWeights)[];
  #nextAt: Instant = 0;
  /** Packets seen on their way to the gateway, to be sent again, cut or changed. */
  readonly #captured: Datagram[] = [];
  readonly happened: Partial<Record<keyof WorkloadWeights, number>> = {};

  constructor(world: World, random: SeededRandom) {
    this.#world = world;
    this.#random = random;
    const { weights } = world.options;
    this.#wheel = (Object.keys(weights) as (keyof WorkloadWeights)[]).flatMap((story) =>
      new Array<keyof WorkloadWeights>(weights[story]).fill(story),
    );
    world.onDatagram = (datagram) => this.#capture(datagram);
  }

  advance(now: Instant): void {
    this.#agenda.advance(now);
    if (now < this.#nextAt) return;
    this.#nextAt = now + 1 + this.#random.below(2 * this.#world.options.paceMs);
    const story = this.#random.pick(this.#wheel);
    this.happened[story] = (this.happened[story] ?? 0) + 1;
    this.#stories[story](now);
  }

  nextDeadline(): Instant {
    return Math.min(this.#nextAt, this.#agenda.nextDeadline());
  }

  /** Nothing more happens, but for what has begun. */
  stop(): void {
    this.#nextAt = never;
  }

  /** Lets a subscriber come who is not there yet. */
  come(subscriber: Subscriber, now: Instant): void {
    if (!subscriber.wantsService) subscriber.come(this.#accessPoint(), this.#manner(), now, 0);
  }

  later(at: Instant, run: (now: Instant) => void): void {
    this.#agenda.at(at, run);
  }

  readonly #stories: Readonly<Record<keyof WorkloadWeights, (now: Instant) => void>> = {
    start: (now) =>
      this.#anybody((subscriber) => !subscriber.wantsService)?.come(this.#accessPoint(), this.#manner(), now, 0),
    stop: (now) => this.#anybody((subscriber) => subscriber.wantsService)?.go(this.#random.chance(0.5), now),
    move: (now) => this.#move(now),
    race: (now) => this.#race(now),
    uplink: (now) => this.#served()?.talk(now),
    downlink: () => this.#downlink(),
    releaseAndReturn: (now) => this.#releaseAndReturn(now),
    lateDeregistration: () => {
      const subscriber = this.#random.pick(this.#world.subscribers);
      this.#random.pick(this.#world.wlcs).sendDeregistration(subscriber.ue.mac);
    },
    spoof: (now) => (this.#random.chance(0.3) ? this.#misdirect() : this.#spoof(now)),
    hostile: () => this.#hostile(),
    lmaRestart: (now) => this.#restartLma(now),
    lmaSilence: (now) => this.#silenceLma(now),
    lmaRevocation: (now) => {
      const lma = this.#random.pick(this.#world.lmas);
      const bindings = lma.bindings();
      if (bindings.length > 0) lma.revoke(this.#random.pick(bindings).nai, now);
    },
    aaaSilence: (now) => {
      const index = this.#random.below(this.#world.aaa.length);
      this.#world.silentAaa.add(index);
      this.#agenda.at(now + this.#random.below(20_000), () => this.#world.silentAaa.delete(index));
    },
    clear: (now) => {
      this.#world.gateway.clear(this.#random.pick(this.#world.subscribers).ue.mac, now);
    },
    change: (now) => this.#world.authorizations.ask('change', this.#world.manager, now),
    disconnect: (now) => this.#world.authorizations.ask('disconnect', this.#world.manager, now),
    clockSkew: (now) => {
      const index = this.#random.below(this.#world.wlcs.length);
      this.#world.skewMs[index] = this.#random.below(20_000) - 10_000;
      this.#agenda.at(now + this.#random.below(20_000), () => {
        this.#world.skewMs[index] = 0;
      });
    },
  };

  #anybody(which: (subscriber: Subscriber) => boolean): Subscriber | undefined {
    const candidates = this.#world.subscribers.filter(which);
    return candidates.length === 0 ? undefined : this.#random.pick(candidates);
  }

  #served(): Subscriber | undefined {
    return this.#anybody((subscriber) => subscriber.wantsService && subscriber.ue.address !== undefined);
  }

  #accessPoint(): World['accessPoints'][number] {
    return this.#random.chance(0.03) ? this.#world.strangeRg : this.#random.pick(this.#world.accessPoints);
  }

  #manner(): ArrivalManner {
    return this.#random.pick(manners);
  }

  #move(now: Instant): void {
    const subscriber = this.#anybody(({ wantsService }) => wantsService);
    subscriber?.come(this.#accessPoint(), this.#manner(), now, this.#random.chance(0.5) ? this.#random.below(300) : 0);
  }

  /** A UE that seems to come at two places within a millisecond. */
  #race(now: Instant): void {
    const subscriber = this.#anybody(({ wantsService }) => wantsService);
    if (subscriber === undefined) return;
    const overlapMs = this.#random.below(200);
    subscriber.come(this.#accessPoint(), this.#manner(), now, overlapMs);
    const second = this.#accessPoint();
    const how = this.#manner();
    this.#agenda.at(now + this.#random.below(1000) / 1000, (at) => subscriber.come(second, how, at, overlapMs));
  }

  /** Clients that reconnect often give their address back and ask for it again. */
  #releaseAndReturn(now: Instant): void {
    const subscriber = this.#served();
    const where = subscriber === undefined ? undefined : this.#world.placeOf(subscriber);
    if (subscriber === undefined || where === undefined) return;
    subscriber.ue.release(now);
    const then = this.#random.chance(0.7) ? where : this.#accessPoint();
    this.#agenda.at(now + this.#random.below(5000), (at) => subscriber.come(then, 'dhcp-discover', at, 0));
  }

  #downlink(): void {
    const lma = this.#random.pick(this.#world.lmas);
    const bindings = lma.bindings();
    if (bindings.length > 0) this.#world.sendDown(lma, this.#random.pick(bindings).address, 0);
  }

  /** A UE that pretends to be another: with its address, or with its MAC; or, at a strange RG, with both. */
  #spoof(now: Instant): void {
    const forger = this.#anybody(({ ue }) => ue.accessPoint !== undefined);
    const victim = this.#random.pick(this.#world.subscribers);
    if (forger === undefined || forger === victim) return;
    const stranger = forger.ue.accessPoint === this.#world.strangeRg;
    const address = victim.ue.address ?? ipv4Of(0x0a000000 + this.#random.below(64));
    const [source, from]: [MacAddress, Ipv4Address] =
      stranger && this.#random.chance(0.5)
        ? [victim.ue.mac, address]
        : this.#random.chance(0.5)
          ? [forger.ue.mac, address]
          : [victim.ue.mac, ipv4Of(this.#random.u32())];
    if (from === forger.ue.address || (source === victim.ue.mac && from === victim.ue.address && !stranger)) return;
    const probe = encodeProbe({ owner: forger.ue.mac, direction: 'up', number: 0 }, from, place.host);
    const destination = this.#world.manager.config.cgwService.access.vmac;
    const header = { destination, source, vlan: undefined, etherType: etherType.ipv4 };
    forger.ue.sendFrame(encodeEthernet(header, probe), now);
  }

  /** A packet in a UE's S2a tunnel that is not for it, or not from its LMA: nobody's, so it must not arrive anywhere. */
  #misdirect(): void {
    const lma = this.#random.pick(this.#world.lmas);
    const bindings = lma.bindings();
    if (bindings.length === 0) return;
    const { address, downlinkKey } = this.#random.pick(bindings);
    const stranger = this.#random.chance(0.5);
    const source = stranger ? place.strangeRg : lma.address;
    const destination = stranger ? address : ipv4Of(address ^ (1 + this.#random.below(7)));
    const probe = encodeProbe({ owner: macOf(0), direction: 'down', number: 0 }, place.host, destination);
    const bytes = new Uint8Array(greLength(downlinkKey) + probe.length);
    bytes.set(probe, writeGre(bytes, 0, greProtocol.ipv4, downlinkKey));
    const ports = { sourcePort: 0, destinationPort: 0 };
    this.#world.network.send({ protocol: 'gre', source, destination: place.s2a, ...ports, bytes });
  }

  /** Octets that nobody should trust, at any of the gateway's doors, from anybody. */
  #hostile(): void {
    const { network } = this.#world;
    const captured =
      this.#captured.length > 0 && this.#random.chance(0.6) ? this.#random.pick(this.#captured) : undefined;
    if (captured === undefined) {
      network.send({ ...this.#door(), ...this.#anySource(), bytes: this.#random.bytes(this.#random.below(120)) });
    } else if (this.#random.chance(0.5)) {
      // Never whole: nobody can tell a packet that its sender repeats much later from a new one.
      const bytes = captured.bytes.subarray(0, this.#random.below(Math.max(1, captured.bytes.length)));
      network.send({ ...captured, bytes });
    } else {
      // Only from those whom nobody trusts: nothing authenticates what a peer says.
      const bytes = captured.bytes.slice();
      for (let count = this.#random.below(4); count > 0; count -= 1) {
        bytes[this.#random.below(bytes.length)] = this.#random.below(256);
      }
      network.send({ ...captured, source: place.strangeRg, bytes });
    }
  }

  #door(): Pick<Datagram, 'protocol' | 'destination' | 'destinationPort'> {
    const destination = this.#random.pick([place.access, place.s2a, place.aaa]);
    if (destination === place.aaa) {
      const channel = this.#random.below(this.#world.options.config.sourcePorts);
      return { protocol: 'udp', destination, destinationPort: radiusSourcePort + channel };
    }
    return this.#random.chance(0.5)
      ? { protocol: 'gre', destination, destinationPort: 0 }
      : { protocol: 'udp', destination, destinationPort: pmipv6Port };
  }

  #anySource(): Pick<Datagram, 'source' | 'sourcePort'> {
    const { accessPoints, lmas, aaa, strangeRg } = this.#world;
    const { address } = this.#random.pick([...accessPoints, ...lmas, ...aaa, strangeRg]);
    return { source: address, sourcePort: this.#random.pick([0, pmipv6Port, 1812, 40_000]) };
  }

  #restartLma(now: Instant): void {
    const lma = this.#random.pick(this.#world.lmas);
    lma.restart();
    if (this.#random.chance(0.5)) this.#silence(lma, now);
  }

  #silenceLma(now: Instant): void {
    this.#silence(this.#random.pick(this.#world.lmas), now);
  }

  #silence(lma: World['lmas'][number], now: Instant): void {
    lma.down = true;
    this.#agenda.at(now + this.#random.below(20_000), () => {
      lma.down = false;
    });
  }

  #capture(datagram: Datagram): void {
    const { destination } = datagram;
    if (destination !== place.access && destination !== place.s2a && destination !== place.aaa) return;
    if (!this.#random.chance(0.2)) return;
    const copy = { ...datagram, bytes: datagram.bytes.slice() };
    if (this.#captured.length < capturesMax) this.#captured.push(copy);
    else this.#captured[this.#random.below(capturesMax)] = copy;
  }
}

/** Describes a subscriber's situation, for a violation's message. */
export function situationOf(world: World, subscriber: Subscriber): string {
  const { ue } = subscriber;
  const session = world.manager.registry.ofMac(ue.mac)?.session;
  const state =
    session === undefined ? 'no session' : session.kind === 'Live' ? session.durable.phase.kind : session.kind;
  const ago = Math.round(world.now - subscriber.servedAt);
  return `${formatMac(ue.mac)} at ${ue.accessPoint?.name ?? 'nowhere'}, DHCP ${ue.dhcpState}, ${state}, served ${ago} ms ago`;
}
