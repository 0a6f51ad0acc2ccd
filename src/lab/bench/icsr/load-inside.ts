import { now, wallClock } from '../../../host/clock.ts';
import type { SocketDriver } from '../../../host/sockets/socket-driver.ts';
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
  #tookMs = 0;

  private constructor(ues: number) {
    const events: LoadEvents = {};
    const sockets = new LoadSockets(icsrNetwork, this.#timed());
    const peers = new LoadPeers(icsrNetwork, ues, sockets.output, wallClock, events);
    this.#rig = { network: icsrNetwork, sockets, peers, events };
  }

  static async open(ues: number): Promise<LoadInside> {
    const load = new LoadInside(ues);
    await load.#rig.sockets.open(load.#rig.peers);
    return load;
  }

  async attach(first: number, count: number, pace: Pace): Promise<InsideResult> {
    const before = this.#tookMs;
    const { rate, failures, latencies } = await attachAll(this.#rig, initialAccess, first, count, pace);
    const loadMicroseconds = ((this.#tookMs - before) * 1000) / count;
    return { rate, failures, p50Ms: latencies.percentile(0.5), p99Ms: latencies.percentile(0.99), loadMicroseconds };
  }

  /** The driver, with a look at the clock before and after each packet that somebody around the gateway takes. */
  #timed(): SocketDriver {
    const { driver } = this;
    return {
      name: driver.name,
      open: (spec, onReceive) =>
        driver.open(spec, (...packet) => {
          const from = now();
          onReceive(...packet);
          this.#tookMs += now() - from;
        }),
      flush: () => driver.flush(),
      onTurnEnd: (listener) => driver.onTurnEnd(listener),
      close: () => driver.close(),
    };
  }
}
