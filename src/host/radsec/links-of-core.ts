import { formatIp, type IpAddress } from '../../kernel/address.ts';
import type { Digests, RandomSource } from '../../kernel/context.ts';
import type { Instant } from '../../kernel/instant.ts';
import type { PacketInput, PacketOutput } from '../../kernel/port.ts';
import type { MrmeServiceConfig } from '../../services/samog/config.ts';
import type { EventSink, SamogEvent } from '../../services/samog/events.ts';
import type { Runtime } from '../runtime.ts';
import { RadsecLinks } from './radsec-links.ts';

/** What the connections to AAA servers speak to. */
export interface CoreOfLinks extends Pick<PacketInput, 'receive'> {
  linkChanged(channel: number, peer: IpAddress, peerPort: number, isUp: boolean, now: Instant): void;
}

export interface LinksOfCoreDependencies {
  readonly digests: Digests;
  readonly random: RandomSource;
  readonly runtime: Pick<Runtime, 'output' | 'fault' | 'poke'>;
  readonly report: EventSink | undefined;
  core(): CoreOfLinks;
}

/**
 * The connections to the AAA servers of a core, and what it sends by: packets to servers behind a connection go there, all
 * others to the sockets.
 *
 * @throws StartError as `RadsecLinks`
 */
export function linksOfCore(
  config: MrmeServiceConfig,
  { digests, random, runtime, report, core }: LinksOfCoreDependencies,
): { readonly links: RadsecLinks; readonly output: PacketOutput } {
  const contained = (work: () => void) => {
    try {
      work();
    } catch (error) {
      runtime.fault(error);
    }
    runtime.poke();
  };
  const links = new RadsecLinks(config, {
    digests,
    random,
    receive: (...packet) => contained(() => core().receive(...packet)),
    changed: ({ address, port }, channel, isUp, why, at) => {
      if (!isUp) report?.(connectionFailed(address, why));
      contained(() => core().linkChanged(channel, address, port, isUp, at));
    },
  });
  if (links.isEmpty) return { links, output: runtime.output };
  return {
    links,
    output: {
      send: (port, channel, peer, peerPort, bytes) => {
        if (links.send(port, channel, peer, peerPort, bytes)) return;
        runtime.output.send(port, channel, peer, peerPort, bytes);
      },
    },
  };
}

function connectionFailed(peer: IpAddress, why: string): SamogEvent {
  return {
    name: 'aaa-connection-failed',
    mac: undefined,
    sessionId: undefined,
    peer,
    party: 'aaa',
    direction: 'internal',
    text: () => `no connection to AAA server ${formatIp(peer)}: ${why}`,
  };
}
