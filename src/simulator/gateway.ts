import type { MacAddress } from '../kernel/address.ts';
import type { Digests } from '../kernel/context.ts';
import type { Instant, WallClock } from '../kernel/instant.ts';
import type { PacketInput, Timed } from '../kernel/port.ts';
import type { SeededRandom } from '../kernel/random.ts';
import type { Network } from '../peers/actor.ts';
import type { SamogConfig } from '../services/samog/config.ts';
import { InstanceGroup } from '../sessmgr/instances/instance-group.ts';
import type { ManagerReader } from '../sessmgr/manager-reader.ts';
import { SessionManager } from '../sessmgr/session-manager.ts';
import type { TrafficWatch } from './checkers/traffic.ts';
import { GatewayPorts } from './gateway-node.ts';
import type { RunOptions } from './options.ts';
import { samogConfig } from './virtual-config.ts';

/** What is under test in a virtual world: one gateway, or two chassis that are one toward everybody else. */
export interface VirtualGateway {
  /** What hears the packets to the gateway's addresses. */
  readonly core: PacketInput & Timed;
  /** What else takes turns. */
  readonly others: readonly { readonly name: string; readonly timed: Timed }[];
  /** The sessions of who serves, or served last. */
  readonly manager: ManagerReader;
  /** The instances that have them. */
  readonly managers: readonly SessionManager[];
  /** Whether there are times in which nobody hears what is said to it. */
  readonly mayMiss: boolean;
  /** Whether it serves a session, or has a record of it, whatever phase that is in. */
  holds(sessionId: number): boolean;
  /** What its clock shows when the world's shows `now`. */
  clock(now: Instant): Instant;
  /** Ends a session by the operator's word, if somebody serves. */
  clear(mac: MacAddress, now: Instant): void;
  /** Everything that was made to go wrong in it goes right from now on. */
  calm(now: Instant): void;
}

/** What a gateway finds around it. */
export interface Surroundings {
  readonly options: RunOptions;
  readonly network: Network;
  readonly digests: Digests;
  /** Its own: nobody else draws from it. */
  readonly random: SeededRandom;
  readonly traffic: TrafficWatch;
  readonly time: { readonly now: Instant };
  /** True time, as the LMAs know it. */
  readonly wallClock: () => WallClock;
}

export type MakeGateway = (surroundings: Surroundings) => VirtualGateway;

/** A gateway that is one chassis, up from the beginning to the end. Its clocks are the world's. */
export const singleGateway: MakeGateway = (surroundings) => gatewayOfGroup(surroundings).gateway;

/** The same, with what it is made of: for who has something happen to it. */
export function gatewayOfGroup({ options, network, digests, random, traffic, wallClock }: Surroundings): {
  readonly gateway: VirtualGateway;
  readonly group: InstanceGroup;
  readonly config: SamogConfig;
} {
  const output = new GatewayPorts(network, (port, peer, bytes) => traffic.sent(group.reader, port, peer, bytes));
  const config = samogConfig(options.config, options.lmas);
  const managers: SessionManager[] = [];
  const group: InstanceGroup = new InstanceGroup(options.instances, config, () => managers);
  for (let index = 0; index < options.instances; index += 1) {
    const own = group.dependenciesOf(index, { output });
    managers.push(new SessionManager(config, { ...own, digests, random, wallClock, restartCounter: 1 }));
  }
  group.start(0);
  group.holdAccounting(0);
  group.announceAccounting(0);
  const gateway: VirtualGateway = {
    core: group,
    others: [],
    manager: group.reader,
    managers,
    mayMiss: false,
    holds: (id) => group.reader.registry.hasId(id),
    clock: (now) => now,
    clear: (mac, now) => {
      group.clear(mac, 'operator', now);
    },
    calm: () => {},
  };
  return { gateway, group, config };
}
