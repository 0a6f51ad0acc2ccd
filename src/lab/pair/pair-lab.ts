import { now, wallClock } from '../../host/clock.ts';
import { hostDigests } from '../../host/digests.ts';
import { hostRandom } from '../../host/random.ts';
import { openDriver } from '../../host/sockets/open-driver.ts';
import type { SocketDriver } from '../../host/sockets/socket-driver.ts';
import { ipv4Of, type MacAddress, macOf, parsePrefix } from '../../kernel/address.ts';
import { AaaServer } from '../../peers/aaa-server.ts';
import type { AccessPoint } from '../../peers/actor.ts';
import { CorrespondentHost } from '../../peers/correspondent-host.ts';
import { Lma } from '../../peers/lma.ts';
import { MeasuredTraffic } from '../../peers/measured-traffic.ts';
import { ResidentialGateway } from '../../peers/residential-gateway.ts';
import { type ArrivalManner, Ue } from '../../peers/ue.ts';
import { Wlc } from '../../peers/wlc.ts';
import { utf8Encode } from '../../wire/bytes/text.ts';
import { SocketNetwork } from '../socket-network.ts';
import { GatewayChild } from './gateway-child.ts';
import { Interception } from './interception.ts';
import { labSecret, type OperatorFiles } from './pair-config.ts';
import { type ChassisLetter, PairNetwork, place } from './pair-network.ts';
import { ScratchFolder } from './scratch-folder.ts';

/** RFC 2544 set 198.18.0.0/15 apart for measurements. */
const hostAddress = ipv4Of(0xc6120009);
const pool = parsePrefix('10.45.0.0/16')!;
const firstMac = 0x02005e100001;
const firstPort = 7000;
/** While nobody answers, a UE asks again only after the pair should serve again. */
const dhcp = { initialTimeoutMs: 2000, maxTimeoutMs: 4000 } as const;

/** What the parties around the pair are made of. */
interface Parties {
  readonly aaa: AaaServer;
  readonly lma: Lma;
  readonly wlc: Wlc;
  readonly rg: ResidentialGateway;
}

/**
 * Two gateways as processes of their own, and in this process everybody around them, each with real sockets. The network
 * namespace of this process must be its own.
 */
export class PairLab {
  readonly chassis: Readonly<Record<ChassisLetter, GatewayChild>>;
  readonly aaa: AaaServer;
  readonly lma: Lma;
  /** A host behind the LMA. */
  readonly host: CorrespondentHost;
  readonly wlc: Wlc;
  readonly rg: ResidentialGateway;
  readonly ues: Ue[] = [];
  /** Undefined where nobody is intercepted. */
  readonly interception: Interception | undefined;
  readonly #network: PairNetwork;
  readonly #folder: ScratchFolder;
  readonly #sockets: SocketNetwork;
  readonly #driver: SocketDriver;
  #ports = firstPort;

  private constructor(
    network: PairNetwork,
    folder: ScratchFolder,
    driver: SocketDriver,
    sockets: SocketNetwork,
    parties: Parties,
    operators: OperatorFiles | undefined,
    interception: Interception | undefined,
  ) {
    this.interception = interception;
    this.#network = network;
    this.#folder = folder;
    this.#driver = driver;
    this.#sockets = sockets;
    this.aaa = parties.aaa;
    this.lma = parties.lma;
    this.wlc = parties.wlc;
    this.rg = parties.rg;
    this.host = new CorrespondentHost(hostAddress, parties.lma);
    const { a, b } = network.chassis;
    this.chassis = {
      a: new GatewayChild('a', a, folder.path, operators, interception?.files),
      b: new GatewayChild('b', b, folder.path, operators, interception?.files),
    };
  }

  /**
   * The parties are there, and no gateway runs.
   *
   * @param operators whom both chassis let in over the network; nobody without them
   * @param intercepts whether there is somebody who has UEs intercepted
   * @throws Error if something cannot be had; end the process then
   */
  static async make(operators?: OperatorFiles, intercepts = false): Promise<PairLab> {
    const network = await PairNetwork.make();
    const { driver } = await openDriver();
    const sockets = new SocketNetwork(driver, 'raw');
    const parties = partiesOn(sockets);
    for (const party of Object.values(parties)) await sockets.add(party);
    const folder = new ScratchFolder();
    const interception = intercepts ? await Interception.make(folder.path) : undefined;
    return new PairLab(network, folder, driver, sockets, parties, operators, interception);
  }

  /** The MAC address of a UE, the first being 0, be it there or not. */
  macAt(index: number): MacAddress {
    return macOf(firstMac + index);
  }

  newUe(): Ue {
    const index = this.ues.length;
    const ue = new Ue(
      { name: `ue${index + 1}`, mac: this.macAt(index), correspondent: hostAddress, dhcp },
      hostRandom(),
    );
    this.ues.push(ue);
    this.#sockets.runs(ue);
    return ue;
  }

  /** Numbered packets between a UE and the host, which do not flow yet. */
  newTraffic(ue: Ue, intervalMs: number): MeasuredTraffic {
    this.#ports += 1;
    const traffic = new MeasuredTraffic(ue, this.host, { intervalMs, port: this.#ports });
    this.#sockets.runs(traffic);
    return traffic;
  }

  move(ue: Ue, to: AccessPoint, how: ArrivalManner, overlapMs = 0): void {
    ue.moveTo(to, how, now(), overlapMs);
    this.poke();
  }

  /** As of `PairNetwork`. */
  setLink(state: 'up' | 'down'): void {
    this.#network.setLink(state);
  }

  /** As of `PairNetwork`. */
  setAstray(from: ChassisLetter, astray: boolean): void {
    this.#network.setAstray(from, astray);
  }

  /** To be called after a party was told something: sends what it said. */
  poke(): void {
    this.#sockets.poke();
  }

  async stop(): Promise<void> {
    await Promise.all(Object.values(this.chassis).map((chassis) => chassis.stop()));
    await this.interception?.close();
    this.#sockets.stop();
    await this.#driver.close();
    await this.#network.remove();
    await this.#folder.remove();
  }
}

function partiesOn(network: SocketNetwork): Parties {
  const random = hostRandom();
  const secret = utf8Encode(labSecret);
  const policy = () => ({ kind: 'accept', profile: { apn: 'internet' } }) as const;
  return {
    aaa: new AaaServer({ name: 'aaa', address: place.aaa, secretOf: () => secret, policy }, network, hostDigests()),
    lma: new Lma({ name: 'lma', address: place.lma, pool }, network, random, wallClock),
    wlc: new Wlc({ name: 'wlc', address: place.wlc, lma: place.access }, network, random, wallClock),
    rg: new ResidentialGateway({ name: 'rg', address: place.rg, gateway: place.access }, network),
  };
}
