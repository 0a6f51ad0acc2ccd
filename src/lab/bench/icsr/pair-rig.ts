import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { now, wallClock } from '../../../host/clock.ts';
import { openDriver } from '../../../host/sockets/open-driver.ts';
import { formatIpv4 } from '../../../kernel/address.ts';
import { ipBatch, type NetworkNamespace } from '../../pair/network-namespace.ts';
import {
  type ChassisLetter,
  chassisInterface,
  PairNetwork,
  prefixLength,
  serviceAddresses,
  srpAddress,
} from '../../pair/pair-network.ts';
import { ScratchFolder } from '../../pair/scratch-folder.ts';
import type { PeersRig } from '../load-rig.ts';
import { LoadSockets } from '../load-sockets.ts';
import { type LoadEvents, LoadPeers } from '../peers-load.ts';
import { chassisConfig, type DeadInterval, icsrNetwork, loneConfig } from './chassis-config.ts';
import { ChassisProcess, type ChassisSample } from './chassis-process.ts';
import { Echo } from './echo.ts';

const sharedMemory = '/dev/shm';
const keeperLimitMs = 30_000;
const pollMs = 5;
const nothing = { sessions: 0, uesInside: undefined };

interface ChassisOptions {
  /** How many it begins with; none unless told otherwise. */
  readonly sessions?: number;
  readonly dead: DeadInterval;
  /** Of its session manager; in the main thread unless told otherwise. */
  readonly placement?: 'in-process' | 'threads';
  readonly disk?: 'real' | 'fast';
  /** UEs that it has in its own process, with everybody else; none unless told otherwise. */
  readonly uesInside?: number;
}

/**
 * The networks of a pair with the load around them, in a namespace that is this process's own; chassis come and go in
 * namespaces of theirs.
 */
export class PairRig implements PeersRig {
  readonly network = icsrNetwork;
  readonly events: LoadEvents = {};
  readonly sockets: LoadSockets;
  readonly peers: LoadPeers;
  readonly driver: string;
  readonly #pair: PairNetwork;
  readonly #folder = new ScratchFolder();
  /** In memory where the system has such a place: for what is to be filled fast, and is not measured by its disk. */
  readonly #fastFolder = new ScratchFolder(existsSync(sharedMemory) ? sharedMemory : undefined);
  readonly #profile: string | undefined;
  readonly #running = new Set<ChassisProcess>();
  #folders = 0;

  private constructor(
    pair: PairNetwork,
    opened: Awaited<ReturnType<typeof openDriver>>,
    ues: number,
    profile?: string,
  ) {
    this.#pair = pair;
    this.#profile = profile;
    this.driver = opened.driver.name;
    this.sockets = new LoadSockets(icsrNetwork, opened.driver);
    this.peers = new LoadPeers(icsrNetwork, ues, this.sockets.output, wallClock, this.events);
  }

  /** @param ues how many UEs there may be */
  static async make(ues: number, profile?: string): Promise<PairRig> {
    const rig = new PairRig(await PairNetwork.make(), await openDriver('auto'), ues, profile);
    await rig.sockets.open(rig.peers);
    return rig;
  }

  /** A chassis that has nothing on its disk. */
  async startChassis(
    letter: ChassisLetter,
    { sessions = 0, dead, disk, uesInside, placement = 'in-process' }: ChassisOptions,
  ): Promise<ChassisProcess> {
    const folder = this.#newFolder(disk);
    const config = chassisConfig(letter, folder, dead, placement);
    const inside = this.#pair.chassis[letter];
    return this.#kept(await ChassisProcess.start(inside, folder, config, { sessions, uesInside }, this.#profile));
  }

  /** An active with so many sessions, all of them on its disk, and a READY standby. */
  async startPair(
    sessions: number,
    dead: DeadInterval,
    uesInside?: number,
  ): Promise<Record<ChassisLetter, ChassisProcess>> {
    const inside = uesInside === undefined ? {} : { uesInside };
    const a = await this.startChassis('a', { sessions, dead, ...inside });
    await a.until(({ serves, unwritten }) => serves && unwritten === 0, 'the first chassis to serve');
    const b = await this.startChassis('b', { dead });
    await this.settled(b, sessions);
    return { a, b };
  }

  /** Resolves when a standby could take over, and has nothing left to do beside. */
  settled(standby: ChassisProcess, sessions: number): Promise<ChassisSample> {
    const isSettled = (sample: ChassisSample): boolean =>
      sample.ready && sample.unwritten === 0 && sample.sessions === sessions;
    return standby.until(isSettled, `a standby with ${sessions} sessions`);
  }

  /** A gateway without a peer, with the service addresses as its own; a chassis of a pair that follows it removes them. */
  async startAlone(): Promise<ChassisProcess> {
    const folder = this.#newFolder('real');
    const inside = this.#pair.chassis.a;
    const { service } = chassisInterface;
    await this.#addressesGone(inside);
    const addresses = serviceAddresses.map((address) => `${formatIpv4(address)}/${prefixLength}`);
    ipBatch(
      addresses.map((address) => `address replace ${address} dev ${service}`),
      inside,
    );
    // It announces nothing: the load knows the addresses at whoever served last.
    execFileSync('ip', ['neighbour', 'flush', 'all']);
    return this.#kept(await ChassisProcess.start(inside, folder, loneConfig(folder), nothing, this.#profile));
  }

  /** A bare echo between two processes beside the chassis, over their link. */
  startEcho(): Promise<Echo> {
    const end = (letter: ChassisLetter) => ({
      inside: this.#pair.chassis[letter],
      address: formatIpv4(srpAddress[letter]),
    });
    return Echo.start(end('a'), end('b'));
  }

  /** Ends chassis at once, in good order only where they leave a profile. */
  async end(...chassis: readonly ChassisProcess[]): Promise<void> {
    for (const one of chassis) {
      if (this.#profile === undefined) one.kill();
      else await one.stop();
      await one.ended();
      this.#running.delete(one);
    }
  }

  async close(): Promise<void> {
    await this.end(...this.#running);
    await this.sockets.close();
    await this.#pair.remove();
    await Promise.all([this.#folder.remove(), this.#fastFolder.remove()]);
  }

  #newFolder(disk: ChassisOptions['disk'] = 'real'): string {
    this.#folders += 1;
    return join((disk === 'fast' ? this.#fastFolder : this.#folder).path, String(this.#folders));
  }

  /** The keeper of a killed chassis removes its addresses in its own time. */
  async #addressesGone(inside: NetworkNamespace): Promise<void> {
    const [command, ...args] = inside.entering(['ip', '-4', '-o', 'address', 'show', 'dev', chassisInterface.service]);
    const giveUpAt = now() + keeperLimitMs;
    // Its own address on that interface stays.
    const areThere = (): boolean => {
      const shown = execFileSync(command!, args, { encoding: 'utf8' });
      return serviceAddresses.some((address) => shown.includes(` ${formatIpv4(address)}/`));
    };
    while (areThere()) {
      if (now() > giveUpAt) throw new Error('a chassis that was killed has left its service addresses');
      await sleep(pollMs);
    }
  }

  #kept(chassis: ChassisProcess): ChassisProcess {
    this.#running.add(chassis);
    return chassis;
  }
}
