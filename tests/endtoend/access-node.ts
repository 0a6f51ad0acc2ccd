/**
 * The access network, as a process of its own: residential gateways and WLCs on real sockets, and UEs whose radio is a
 * TAP interface in a network namespace of their own. Its argument is an `AccessPlan`; it takes `AccessCommand`s.
 */
import { execFileSync } from 'node:child_process';
import { now, wallClock } from '../../src/host/clock.ts';
import { hostRandom } from '../../src/host/random.ts';
import { openDriver } from '../../src/host/sockets/open-driver.ts';
import { type MacAddress, parseIp, parseMac } from '../../src/kernel/address.ts';
import { SocketNetwork } from '../../src/lab/socket-network.ts';
import { Tap } from '../../src/lab/tap.ts';
import type { AccessPoint, Actor, Station } from '../../src/peers/actor.ts';
import { ResidentialGateway } from '../../src/peers/residential-gateway.ts';
import { Wlc } from '../../src/peers/wlc.ts';
import { fromHex, toHex } from '../../src/wire/bytes/text.ts';
import { mobilityVectors } from '../../src/wire/pmipv6/vectors.ts';
import { answerCommands } from './json-process.ts';
import { sendNoise } from './noise.ts';
import { type AccessCommand, type AccessPlan, type AccessStatus, interfaceName, type PointPlan } from './plans.ts';

type Point = AccessPoint & Actor & Pick<Wlc | ResidentialGateway, 'counters'>;

const headersKept = 200;

/** A UE's radio: what the kernel sends out of its interface goes to the access point it is at. */
class TapStation implements Station {
  readonly mac: MacAddress;
  /** The Ethernet headers received last, in hexadecimal. */
  readonly heard: string[] = [];
  readonly #tap: Tap;
  #point: AccessPoint | undefined;

  constructor(name: string, mac: MacAddress, flush: () => void) {
    this.mac = mac;
    this.#tap = new Tap('tap', name, { received: (frame) => this.transmit(frame), batchEnded: flush });
  }

  transmit(frame: Uint8Array): void {
    this.#point?.fromStation(this, frame, now());
  }

  toStation(frame: Uint8Array): void {
    this.heard.push(toHex(frame.subarray(0, 14)));
    if (this.heard.length > headersKept) this.heard.shift();
    this.#tap.send(frame);
  }

  move(to: AccessPoint | undefined, overlapMs: number): void {
    const from = this.#point;
    const leave = (): void => (from === this.#point ? undefined : from?.dissociate(this, now()));
    this.#point = to;
    to?.associate(this, now());
    if (overlapMs > 0) setTimeout(leave, overlapMs);
    else leave();
  }
}

const plan = JSON.parse(process.argv[2]!) as AccessPlan;
const { driver } = await openDriver('batched');
const network = new SocketNetwork(driver, 'raw');
const gateway = parseIp(plan.gateway)!;

const points = new Map<string, Point>();
for (const point of plan.points) {
  const actor = makePoint(point);
  await network.add(actor);
  points.set(point.name, actor);
}

const stations = new Map<string, TapStation>();
for (const [index, { name, namespace, mac, interface: called = interfaceName.ue }] of plan.ues.entries()) {
  const tapName = `tap${index}`;
  stations.set(name, new TapStation(tapName, parseMac(mac)!, () => network.poke()));
  ip('link', 'set', tapName, 'netns', namespace);
  ip('-n', namespace, 'link', 'set', tapName, 'name', called, 'address', mac, 'up');
}

answerCommands<AccessCommand>(
  async (command) => {
    if (command.kind === 'status') return status();
    if (command.kind === 'noise') {
      const from = [...points.values()].map(({ address }) => address);
      await sendNoise(from, gateway, command.packets, mobilityVectors, network);
      return {};
    }
    const station = stations.get(command.ue)!;
    if (command.kind === 'frame') station.transmit(fromHex(command.hex));
    else station.move(command.to === undefined ? undefined : points.get(command.to)!, command.overlapMs ?? 0);
    network.poke();
    return {};
  },
  () => process.exit(0),
);

function makePoint({ name, kind, address: text, key, vlan, routerMac, nai }: PointPlan): Point {
  const address = parseIp(text)!;
  if (kind === 'rg') {
    const tunnel = { ...(key === undefined ? {} : { key }), ...(vlan === undefined ? {} : { vlan }) };
    return new ResidentialGateway({ name, address, gateway, ...tunnel }, network);
  }
  const router = routerMac === undefined ? {} : { routerMac: parseMac(routerMac)! };
  return new Wlc({ name, address, lma: gateway, ...router, ...nai }, network, hostRandom(), wallClock);
}

function status(): AccessStatus {
  return {
    points: Object.fromEntries([...points].map(([name, point]) => [name, point.counters.snapshot()])),
    heard: Object.fromEntries([...stations].map(([name, station]) => [name, station.heard])),
    unroutable: network.unroutable,
  };
}

function ip(...parameters: readonly string[]): void {
  execFileSync('ip', parameters, { stdio: ['ignore', 'ignore', 'inherit'] });
}
