/**
 * Sessions in a session manager without sockets, set up by real packets; how much memory they take, told to the parent.
 * Needs --expose-gc.
 */
import { now, wallClock } from '../../host/clock.ts';
import { hostDigests } from '../../host/digests.ts';
import { hostRandom } from '../../host/random.ts';
import type { Ipv4Address } from '../../kernel/address.ts';
import type { PortName } from '../../kernel/port.ts';
import { SessionManager } from '../../sessmgr/session-manager.ts';
import { pmipv6Port } from '../../wire/pmipv6/constants.ts';
import { radiusPort } from '../../wire/radius/constants.ts';
import type { MemoryAnswer, MemoryRequest } from './memory-bench.ts';
import { benchConfig, benchNetwork } from './network.ts';
import { addressOfSite, LoadPeers, type Site } from './peers-load.ts';

const network = benchNetwork(1);

/** Packets on their way; nothing is delivered while somebody is sending. */
const inFlight: (() => void)[] = [];

const portOfSite: Readonly<Record<Site, { readonly port: PortName; readonly peerPort: number }>> = {
  rg: { port: 'access-gre', peerPort: 0 },
  wlc: { port: 'access-pmipv6', peerPort: pmipv6Port },
  'wlc-gre': { port: 'access-gre', peerPort: 0 },
  lma: { port: 's2a-pmipv6', peerPort: pmipv6Port },
  'lma-gre': { port: 's2a-gre', peerPort: 0 },
  aaa: { port: 'aaa', peerPort: radiusPort.authentication },
};

/** The site that a packet of the gateway goes to. */
function siteOf(port: PortName, peer: Ipv4Address): { site: Site; index: number } {
  switch (port) {
    case 'aaa':
    case 'dynamic-authorization':
      return { site: 'aaa', index: 0 };
    case 's2a-pmipv6':
      return { site: 'lma', index: 0 };
    case 's2a-gre':
      return { site: 'lma-gre', index: 0 };
    case 'access-pmipv6':
    case 'access-radius':
      return { site: 'wlc', index: network.wlcs.indexOf(peer) };
    case 'access-gre': {
      const rg = network.rgs.indexOf(peer);
      if (rg >= 0) return { site: 'rg', index: rg };
      return { site: 'wlc-gre', index: network.wlcs.indexOf(peer) };
    }
  }
}

/** What the process holds, after everything that can be collected was: heap and buffers outside of it. */
function memoryOctets(): number {
  for (let round = 0; round < 3; round += 1) globalThis.gc!();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

function measure(sessions: number): MemoryAnswer {
  let attached = 0;
  const peers: LoadPeers = new LoadPeers(
    network,
    sessions,
    (site, index, peerPort, bytes) => {
      const packet = bytes.slice();
      const { port, peerPort: own } = portOfSite[site];
      // A RADIUS channel stands for the gateway's source port.
      const channel = site === 'aaa' ? peerPort : 0;
      const peer = addressOfSite(network, site, index);
      inFlight.push(() => manager.receive(port, channel, peer, own, packet, now()));
    },
    wallClock,
    { attached: () => (attached += 1) },
  );
  const manager: SessionManager = new SessionManager(benchConfig(network), {
    output: {
      send: (port, channel, peer, _peerPort, bytes) => {
        const packet = bytes.slice();
        const { site, index } = siteOf(port, peer as Ipv4Address);
        inFlight.push(() => peers.receive(site, index, site === 'aaa' ? channel : pmipv6Port, packet));
      },
    },
    digests: hostDigests(),
    random: hostRandom(),
    wallClock,
    restartCounter: 1,
  });
  const before = memoryOctets();
  const cpuBefore = process.cpuUsage();
  for (let ue = 0; ue < sessions; ue += 1) {
    if (ue % 2 === 0) peers.bind(ue);
    else peers.discover(ue);
    for (let deliver = inFlight.shift(); deliver !== undefined; deliver = inFlight.shift()) deliver();
    // Retransmission deadlines that were met leave the heaps as they come due, as in a gateway that runs.
    if (manager.nextDeadline() <= now()) manager.advance(now());
  }
  const { user, system } = process.cpuUsage(cpuBefore);
  const octets = memoryOctets() - before;
  return {
    sessions: manager.registry.size,
    attached,
    octets,
    cpuMicroseconds: (user + system) / sessions,
    residentOctets: process.memoryUsage().rss,
  };
}

process.once('message', ({ sessions }: MemoryRequest) => {
  process.send!(measure(sessions));
  process.disconnect();
});
