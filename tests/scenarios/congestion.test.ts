import { expect, it } from 'vitest';
import { ipv4Of } from '../../src/kernel/address.ts';
import { tlv } from '../../src/wire/bytes/tlv.ts';
import { bindingStatus } from '../../src/wire/pmipv6/constants.ts';
import { decodeMobility, encodeMobility } from '../../src/wire/pmipv6/message.ts';
import { mobilityOption } from '../../src/wire/pmipv6/options.ts';
import { address, configOf, MemoryWorld } from './memory-world.ts';

/** Half of four requests may be on their way before new UEs are refused. */
const congested = configOf((config) => {
  const { mrmeService, samogService } = config;
  const servers = mrmeService.radius.servers.map((server) => ({ ...server, outstandingMax: 4 }));
  return {
    ...config,
    mrmeService: { ...mrmeService, radius: { ...mrmeService.radius, servers } },
    samogService: { ...samogService, congestion: { sessionsPercent: 100, requestsPercent: 50 } },
  };
});

/** A PBU of an access point for a UE that nobody has seen. */
function newUe(world: MemoryWorld, number: number): void {
  const options = [
    tlv(mobilityOption.mnIdentifier, { subtype: 1, identifier: `02005e1100${number.toString(16).padStart(2, '0')}` }),
    tlv(mobilityOption.handoffIndicator, 1),
    tlv(mobilityOption.accessTechnologyType, 4),
    tlv(mobilityOption.ipv4HomeAddressRequest, { prefixLength: 0, address: ipv4Of(0) }),
    tlv(mobilityOption.greKey, { key: number }),
  ];
  const message = {
    kind: 'proxyBindingUpdate',
    sequence: number,
    flags: 0x8200,
    lifetimeSeconds: 600,
    options,
  } as const;
  world.gateway.receive('access-pmipv6', 0, address.wlc2, 5436, encodeMobility(message), world.now);
  world.run(10);
}

it('new UEs are refused while the AAA server is silent, and the UE that has a session moves on as ever', () => {
  const world = new MemoryWorld(congested);
  const statuses: number[] = [];
  world.drops = ({ destination, destinationPort, bytes }) => {
    if (destination !== address.wlc2 || destinationPort !== 5436) return false;
    const answer = decodeMobility(bytes);
    if (answer.ok && answer.value.kind === 'proxyBindingAcknowledgement') statuses.push(answer.value.status);
    return true;
  };
  world.ue.moveTo(world.wlc1, 'dhcp-discover', 0);
  world.run(1000);
  expect(world.ue.dhcpState).toBe('Bound');
  const { policy } = world.aaa;

  world.aaa.policy = () => ({ kind: 'silent' });
  for (let number = 1; number <= 5; number += 1) newUe(world, number);
  expect(statuses).toEqual(Array(3).fill(bindingStatus.insufficientResources));
  expect(world.counted()).toMatchObject({
    'congestion.applied': 3,
    'radius.access-request.sent': 3,
    'session.setup': 1,
  });

  world.ue.moveTo(world.rg1, 'dhcp-request', world.now);
  world.run(500);
  expect(world.counted()['handoff.pmip-to-eogre.accepted']).toBe(1);

  world.aaa.policy = policy;
  world.run(20_000);
  newUe(world, 6);
  world.run(1000);
  expect(statuses.at(-1)).toBe(bindingStatus.accepted);
  const names = world.events.map(({ name }) => name).filter((name) => name.startsWith('congestion'));
  expect(names).toEqual(['congestion-entered', 'congestion-cleared']);
});
