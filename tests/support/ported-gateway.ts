import type { PacketInput } from '../../src/kernel/port.ts';
import { Directory } from '../../src/sessmgr/instances/directory.ts';
import { InstanceMemory } from '../../src/sessmgr/instances/instance-memory.ts';
import type { FromInstance, ToInstance } from '../../src/sessmgr/instances/instance-messages.ts';
import { mergedReader } from '../../src/sessmgr/instances/merged-reader.ts';
import { PacketRouter } from '../../src/sessmgr/instances/packet-router.ts';
import { RemoteGroup } from '../../src/sessmgr/instances/remote-group.ts';
import { ServedInstance } from '../../src/sessmgr/instances/served-instance.ts';
import type { Surroundings, VirtualGateway } from '../../src/simulator/gateway.ts';
import { GatewayPorts } from '../../src/simulator/gateway-node.ts';
import { samogConfig } from '../../src/simulator/virtual-config.ts';
import { isOfInstance } from './steered.ts';

/**
 * A gateway whose instances see no more of each other and of the chassis than threads would: every message is cloned, and
 * comes when whoever sent it has finished. GRE and the answers to an instance's own requests reach it without the chassis.
 */
export function portedGateway(surroundings: Surroundings): VirtualGateway & { readonly group: RemoteGroup } {
  const { options, network, digests, random, traffic, wallClock, time } = surroundings;
  const { instances: count } = options;
  const config = samogConfig(options.config, options.lmas);
  const channels = config.mrmeService.bind.sourcePorts;
  const memory = InstanceMemory.for(count);
  const output = new GatewayPorts(network, (port, peer, bytes) => traffic.sent(reader, port, peer, bytes));
  const posted: (() => void)[] = [];
  const group = new RemoteGroup(count, config, memory, { batchCame: () => {}, eventsCame: () => {} });
  const served = Array.from({ length: count }, (_, index) => {
    const first = index * channels;
    return new ServedInstance(
      { config, index, count, restartCounter: 1, strays: [], recovery: undefined, tellsEvents: false },
      {
        ...{ memory, digests, random, wallClock },
        now: () => time.now,
        isUrgent: () => false,
        output: {
          send: (port, channel, ...packet) => output.send(port, port === 'aaa' ? first + channel : channel, ...packet),
        },
        post: (message: FromInstance) => {
          const clone = structuredClone(message);
          posted.push(() => group.heardFrom(index, clone));
        },
      },
    );
  });
  const managers = served.map(({ manager }) => manager);
  const reader = mergedReader(managers);
  for (const [index, instance] of served.entries()) {
    group.begin(index, (message: ToInstance) => {
      const clone = structuredClone(message);
      posted.push(() => instance.take(clone));
    });
  }
  const kernel = new PacketRouter(count, channels, new Directory());
  const deliver = (): void => {
    for (;;) {
      group.flush();
      for (const instance of served) instance.flush();
      const next = posted.shift();
      if (next === undefined) return;
      next();
    }
  };
  const receive: PacketInput['receive'] = (port, channel, peer, peerPort, bytes, now) => {
    if (isOfInstance(port, channel, bytes)) {
      const index = kernel.instanceOf(port, channel, peer, bytes);
      served[index]!.receive(port, port === 'aaa' ? channel % channels : channel, peer, peerPort, bytes, now);
    } else group.receive(port, channel, peer, peerPort, bytes, now);
    deliver();
  };
  group.start();
  group.beginAccounting();
  deliver();
  return {
    group,
    core: {
      receive,
      advance(now) {
        for (const instance of served) if (instance.nextDeadline() <= now) instance.advance(now);
        deliver();
      },
      nextDeadline: () => Math.min(...served.map((instance) => instance.nextDeadline())),
    },
    others: [],
    manager: reader,
    managers,
    mayMiss: false,
    holds: (id) => reader.registry.hasId(id),
    clock: (now) => now,
    clear(mac) {
      group.clear(mac, () => {});
      deliver();
    },
    calm: () => {},
  };
}
