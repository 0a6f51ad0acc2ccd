import type { ManagedRedundancy } from '../../src/host/redundancy-commands.ts';
import type { PairNode, PairWorld } from '../pair/pair-world.ts';

/** A chassis of a pair in memory as its management operates it: time goes on by `afterMs` whenever it has been told something. */
export function managedPair({ world }: PairWorld, node: PairNode, afterMs = 500): ManagedRedundancy {
  const clock = () => node.clock(world.now);
  const { chassis } = node;
  return {
    pair: {
      get chassis() {
        return chassis.chassis;
      },
      get isSwitchoverWaiting() {
        return chassis.isSwitchoverWaiting;
      },
      command: (command) => chassis.command(command, clock()),
      obstacles: (force) => chassis.obstacles(force, clock()),
      validateSwitchover: () => chassis.validateSwitchover(clock()),
      validateConfiguration: () => chassis.validateConfiguration(),
      exchangeConfigurations: () => chassis.exchangeConfigurations(clock()),
      initiateAudit: () => chassis.initiateAudit(clock()),
      replication: () => chassis.replication(clock()),
      counts: () => chassis.counts(),
      ledger: chassis.ledger,
    },
    changed: () => world.run(afterMs),
  };
}
