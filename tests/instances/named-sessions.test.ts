import { describe, expect, it } from 'vitest';
import type { Ipv4Address } from '../../src/kernel/address.ts';
import type { AuthorizationAnswer } from '../../src/peers/authorization-client.ts';
import { acctSessionIdOf } from '../../src/services/samog/account-id.ts';
import type { LiveSession } from '../../src/services/samog/session/state.ts';
import type { RemoteGroup } from '../../src/sessmgr/instances/remote-group.ts';
import { type MakeGateway, singleGateway } from '../../src/simulator/gateway.ts';
import { runOptions } from '../../src/simulator/options.ts';
import { World } from '../../src/simulator/world.ts';
import { type Tlv, tlv } from '../../src/wire/bytes/tlv.ts';
import { radiusAttribute } from '../../src/wire/radius/attributes.ts';
import { testDigests } from '../support/digests.ts';
import { portedGateway } from '../support/ported-gateway.ts';

const a = radiusAttribute;
const instances = 3;

/** A calm world of six UEs, two of them with each instance. */
function served(gatewayOf: MakeGateway): World {
  const options = runOptions(1, 100, 'none');
  const calm = { lmas: 1, wlcs: 2, ues: 6, poolLength: 26, rejected: 0, instances };
  const lasting = { s2aLifetimeSeconds: 240, bindingLifetimeSeconds: 240, leaseTimeSeconds: 240, heartbeatMs: 5000 };
  const config = { ...options.config, dhcpProfile: true, changes: true, outstandingMax: 8, setupTimeoutMs: 10_000 };
  const world = new World({ ...options, ...calm, config: { ...config, ...lasting } }, testDigests, gatewayOf);
  for (const subscriber of world.subscribers) subscriber.come(world.rgs[0]!, 'dhcp-discover', 0, 0);
  while (world.step(8000));
  return world;
}

function sessionsOf({ managers }: World): LiveSession[] {
  const sessions = managers.flatMap(({ registry }) => [...registry.sessions()].map(({ session }) => session));
  return sessions.filter((session): session is LiveSession => session.kind === 'Live');
}

function ask(world: World, kind: 'change' | 'disconnect', ...attributes: readonly Tlv[]): string {
  let answer: AuthorizationAnswer | undefined;
  world.authorizations.client[kind](attributes, world.now, (given) => {
    answer = given;
  });
  const until = world.now + 4500;
  while (answer === undefined && world.step(until));
  return `${answer?.kind} ${answer?.errorCause ?? ''}`.trim();
}

const byAddress = ({ durable }: LiveSession): Tlv =>
  tlv(a.framedIpAddress, durable.addresses[0]!.address as Ipv4Address);

describe.each([
  ['in one thread', singleGateway],
  ['each in a thread', portedGateway],
] as const)('of several instances, %s', (_, gatewayOf) => {
  it.each<[string, (session: LiveSession) => Tlv]>([
    ['Framed-IP-Address', byAddress],
    ['User-Name', ({ durable }) => tlv(a.userName, durable.nai)],
    ['Acct-Session-Id', ({ durable }) => tlv(a.acctSessionId, acctSessionIdOf(durable))],
  ])('the one that has the session changes it, and ends it, by %s', (_name, named) => {
    const world = served(gatewayOf);
    const sessions = sessionsOf(world);
    expect(new Set(sessions.map(({ durable }) => durable.id % instances)).size).toBe(instances);
    for (const session of sessions) {
      expect(ask(world, 'change', named(session), tlv(a.idleTimeout, 300))).toBe('ack');
      const after = sessionsOf(world).find(({ durable }) => durable.id === session.durable.id);
      expect(after?.durable.subscriber.idleTimeoutSeconds).toBe(300);
    }
    for (const session of sessions) expect(ask(world, 'disconnect', named(session))).toBe('ack');
    expect(sessionsOf(world)).toEqual([]);
    const of = (kind: string) =>
      ['received', 'ack'].map((what) => world.manager.counters.snapshot()[`${kind}.${what}` as 'coa.ack']);
    expect([of('coa'), of('disconnect')]).toEqual([
      [6, 6],
      [6, 6],
    ]);
  });

  it('two that are meant are one too many, and none is too few', () => {
    const world = served(gatewayOf);
    const [session] = sessionsOf(world);
    const other = sessionsOf(world).find(({ durable }) => durable.id % instances !== session!.durable.id % instances)!;
    const { registry } = world.managers.find((each) => each.registry.hasId(other.durable.id))!;
    const { addresses } = session!.durable;
    registry.replace(registry.ofId(other.durable.id)!, { ...other, durable: { ...other.durable, addresses } });
    expect(ask(world, 'disconnect', byAddress(session!))).toBe('nak 508');
    expect(ask(world, 'disconnect', byAddress(other))).toBe('nak 503');
    expect(ask(world, 'disconnect', byAddress(session!), tlv(a.userName, session!.durable.nai))).toBe('ack');
    expect(world.manager.counters.snapshot()).toMatchObject({ 'disconnect.nak.508': 1, 'disconnect.nak.503': 1 });
  });

  it('a repetition reaches the one that has answered, and has no effect', () => {
    const world = served(gatewayOf);
    const session = sessionsOf(world).find(({ durable }) => durable.id % instances === 2)!;
    const { send } = world.network;
    let lost = 0;
    world.network.send = (datagram) => {
      if (datagram.destination !== world.authorizations.client.address || lost > 1)
        return send.call(world.network, datagram);
      lost += 1;
    };
    expect(ask(world, 'disconnect', byAddress(session))).toBe('ack');
    expect(lost).toBe(2);
    expect(world.manager.counters.snapshot()).toMatchObject({
      'disconnect.received': 1,
      'disconnect.retransmitted': 2,
      'disconnect.ack': 1,
    });
  });
});

describe('of several instances, each in a thread,', () => {
  it('one that has ended cannot say whether it has the session: AAA is to ask again', () => {
    let group: RemoteGroup | undefined;
    const world = served((around) => {
      const gateway = portedGateway(around);
      group = gateway.group;
      return gateway;
    });
    const [session] = sessionsOf(world).filter(({ durable }) => durable.id % instances === 1);
    group!.end(2);
    expect(ask(world, 'disconnect', byAddress(session!))).toBe('nak 506');
    expect(ask(world, 'disconnect', tlv(a.acctSessionId, acctSessionIdOf(session!.durable)))).toBe('ack');
  });
});
