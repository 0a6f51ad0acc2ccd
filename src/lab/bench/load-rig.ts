import { wallClock } from '../../host/clock.ts';
import { type DriverChoice, openDriver } from '../../host/sockets/open-driver.ts';
import { type BenchManagement, GatewayProcess } from './gateway-process.ts';
import { LoadSockets } from './load-sockets.ts';
import { type BenchNetwork, benchNetwork, ownSecondOctet } from './network.ts';
import { type LoadEvents, LoadPeers } from './peers-load.ts';

/** Everybody around the gateway, in this process and on real sockets. */
export interface PeersRig {
  readonly network: BenchNetwork;
  readonly sockets: LoadSockets;
  readonly peers: LoadPeers;
  /** What happens when something is heard; set it before loading. */
  readonly events: LoadEvents;
}

/** With the gateway, in its own process. */
export interface LoadRig extends PeersRig {
  readonly gateway: GatewayProcess;
}

/**
 * Opens the peers' sockets. They use the fastest driver there is, so that what is under test makes the difference.
 *
 * @param ues how many UEs there may be
 * @param octets the length of the UEs' IP packets
 */
export async function startPeers(ues: number, octets?: number): Promise<PeersRig> {
  const network = benchNetwork(ownSecondOctet());
  const events: LoadEvents = {};
  const sockets = new LoadSockets(network, (await openDriver('auto')).driver);
  const peers = new LoadPeers(network, ues, sockets.output, wallClock, events, octets);
  try {
    await sockets.open(peers);
  } catch (error) {
    await sockets.close();
    throw error;
  }
  return { network, sockets, peers, events };
}

/** Runs `work` with a gateway and its peers, and stops them whatever comes of it. @param driver the gateway's */
export async function withGateway<Result>(
  driver: DriverChoice,
  ues: number,
  options: {
    readonly profile?: string;
    readonly octets?: number;
    readonly blocks?: string;
    readonly management?: BenchManagement;
  },
  work: (rig: LoadRig) => Promise<Result>,
): Promise<Result> {
  const rig = await startPeers(ues, options.octets);
  try {
    const parts = options.blocks === undefined ? {} : { blocks: options.blocks };
    const gateway = await GatewayProcess.start(rig.network, driver, options.profile, parts, options.management);
    try {
      return await work({ ...rig, gateway });
    } finally {
      await gateway.stop();
    }
  } finally {
    await rig.sockets.close();
  }
}
