import { openDriver } from '../../../host/sockets/open-driver.ts';
import type { SocketDriver } from '../../../host/sockets/socket-driver.ts';
import { pmipv6Port } from '../../../wire/pmipv6/constants.ts';
import type { BenchOptions } from '../bench.ts';
import { GatewayProcess } from '../gateway-process.ts';
import { LmaLoad } from '../lma-load.ts';
import { type BenchConfigParts, benchNetwork, ownSecondOctet, type RadiusNetwork } from '../network.ts';
import { AaaProcess } from './aaa-process.ts';
import { RadiusLoad } from './radius-load.ts';

/** The gateway as a RADIUS server, and everybody around it: WLCs and LMA in this process, the AAA server in one of its own. */
export interface AaaRig {
  readonly network: RadiusNetwork;
  readonly gateway: GatewayProcess;
  readonly aaa: AaaProcess;
  readonly load: RadiusLoad;
}

/** Runs `work` with all of them, and stops them whatever comes of it. @param ues how many UEs there may be */
export async function withAaaRig(
  ues: number,
  options: Pick<BenchOptions, 'profile'> & Pick<BenchConfigParts, 'radiusRate'>,
  work: (rig: AaaRig) => Promise<void>,
): Promise<void> {
  const network = benchNetwork(ownSecondOctet());
  const { driver } = await openDriver('auto');
  const stops: (() => Promise<void>)[] = [() => driver.close()];
  try {
    await openLma(driver, network, ues);
    const load = new RadiusLoad(network.radiusWlcs, driver);
    await load.open();
    const aaa = await AaaProcess.start(network.aaaServer);
    stops.push(() => aaa.stop());
    const { radiusRate } = options;
    const gateway = await GatewayProcess.start(network, 'auto', options.profile, {
      radiusWlcs: [...network.radiusWlcs, network.hostileWlc],
      ...(radiusRate === undefined ? {} : { radiusRate }),
    });
    stops.push(() => gateway.stop());
    await work({ network, gateway, aaa, load });
  } finally {
    for (const stop of stops.reverse()) await stop();
  }
}

async function openLma(driver: SocketDriver, { lma }: RadiusNetwork, ues: number): Promise<void> {
  const answers = new LmaLoad(ues);
  const socket = await driver.open({ transport: 'udp', address: lma, port: pmipv6Port }, (peer, peerPort, bytes) => {
    const answer = answers.answer(bytes);
    if (answer !== undefined) socket.send(peer, peerPort, answer);
  });
}
