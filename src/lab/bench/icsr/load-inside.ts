import { wallClock } from '../../../host/clock.ts';
import { attachAll } from '../attach-bench.ts';
import { initialAccess } from '../handover-bench.ts';
import type { PeersRig } from '../load-rig.ts';
import { LoadSockets } from '../load-sockets.ts';
import { MemoryDriver } from '../memory-driver.ts';
import { type LoadEvents, LoadPeers } from '../peers-load.ts';
import type { Pace } from '../work-loop.ts';
import { icsrNetwork } from './chassis-config.ts';
import type { InsideResult } from './chassis-process.ts';

/** Everybody around a gateway, in its own process and without sockets of the kernel. */
export class LoadInside {
  /** For the gateway. */
  readonly driver = new MemoryDriver();
  readonly #rig: PeersRig;

  private constructor(ues: number) {
    const events: LoadEvents = {};
    const sockets = new LoadSockets(icsrNetwork, this.driver);
    const peers = new LoadPeers(icsrNetwork, ues, sockets.output, wallClock, events);
    this.#rig = { network: icsrNetwork, sockets, peers, events };
  }

  static async open(ues: number): Promise<LoadInside> {
    const load = new LoadInside(ues);
    await load.#rig.sockets.open(load.#rig.peers);
    return load;
  }

  async attach(first: number, count: number, pace: Pace): Promise<InsideResult> {
    const { rate, failures, latencies } = await attachAll(this.#rig, initialAccess, first, count, pace);
    return { rate, failures, p50Ms: latencies.percentile(0.5), p99Ms: latencies.percentile(0.99) };
  }
}
