import { describe, expect, it } from 'vitest';
import { accessListsOf, replaceAccessLists } from '../../src/forwarding/filter.ts';
import { parseIpv4, parsePrefix } from '../../src/kernel/address.ts';
import type { SamogConfig, TwanProfile } from '../../src/services/samog/config.ts';
import { address, configOf, MemoryWorld } from './memory-world.ts';

type Change = (config: SamogConfig) => SamogConfig;

const withProfiles =
  (change: (profile: TwanProfile) => TwanProfile): Change =>
  (config) => ({
    ...config,
    mrmeService: { ...config.mrmeService, twanProfiles: config.mrmeService.twanProfiles.map(change) },
  });

const withServers =
  (...addresses: number[]): Change =>
  (config) => {
    const { radius } = config.mrmeService;
    const server = radius.servers[0]!;
    const servers = addresses.map((at, index) => ({
      ...server!,
      name: `aaa-${index}`,
      address: at as typeof server.address,
    }));
    return { ...config, mrmeService: { ...config.mrmeService, radius: { ...radius, servers } } };
  };

const stateOf = ({ gateway, ue }: MemoryWorld): string | undefined => gateway.registry.ofMac(ue.mac)?.session.kind;
const nowhere = parseIpv4('203.0.113.77')!;

describe('a gateway that goes on with another configuration', () => {
  it('serves access nodes that it did not know, and those it knew', () => {
    const world = new MemoryWorld(
      configOf(
        withProfiles((profile) =>
          profile.name === 'rg' ? { ...profile, clients: [parsePrefix('198.51.100.1/32')!] } : profile,
        ),
      ),
    );
    world.ue.moveTo(world.rg2, 'dhcp-discover', world.now);
    world.run(3000);
    expect(stateOf(world)).toBeUndefined();
    world.gateway.reconfigure(configOf(), world.now);
    world.run(30_000);
    expect(stateOf(world)).toBe('Live');
  });

  it('asks the servers there are; who waits for one that is gone is answered by another', () => {
    const world = new MemoryWorld(configOf(withServers(nowhere)));
    world.ue.moveTo(world.rg1, 'dhcp-discover', world.now);
    world.run(500);
    expect(world.gateway.aaa.status(world.now).authentication.servers[0]).toMatchObject({ outstanding: 1 });
    world.gateway.reconfigure(configOf(withServers(address.aaa)), world.now);
    const { servers } = world.gateway.aaa.status(world.now).authentication;
    expect(servers).toMatchObject([{ address: address.aaa, outstanding: 0 }]);
    world.run(10_000);
    expect(stateOf(world)).toBe('Live');
    // And back: what it knows of a server is not lost while that is there.
    const sent = world.gateway.aaa.status(world.now).authentication.servers[0]!.sent;
    world.gateway.reconfigure(configOf(withServers(nowhere, address.aaa)), world.now);
    expect(world.gateway.aaa.status(world.now).authentication.servers[1]).toMatchObject({ sent });
  });

  it('hides passwords with a new secret, and takes the answer to what was asked with the old one', () => {
    const world = new MemoryWorld();
    const other: Change = (config) => {
      const { radius } = config.mrmeService;
      const servers = radius.servers.map((server) => ({ ...server, secret: 'another secret' }));
      return { ...config, mrmeService: { ...config.mrmeService, radius: { ...radius, servers } } };
    };
    world.latencyMs = 50;
    world.ue.moveTo(world.rg1, 'dhcp-discover', world.now);
    world.run(80);
    world.gateway.reconfigure(configOf(other), world.now);
    world.run(5000);
    expect(stateOf(world)).toBe('Live');
    world.gateway.clear(world.ue.mac, 'operator', world.now);
    world.run(1000);
    expect(world.counted()['session.failed.authentication-timeout'] ?? 0).toBe(0);
  });

  it('has no more sessions than it may have now, and ends none', () => {
    const world = new MemoryWorld();
    world.ue.moveTo(world.rg1, 'dhcp-discover', world.now);
    world.run(5000);
    const limited: Change = (config) => ({ ...config, samogService: { ...config.samogService, sessionsMax: 1 } });
    world.gateway.reconfigure(configOf(limited), world.now);
    expect(world.gateway.registry).toMatchObject({ size: 1, isFull: true, sessionsMax: 1 });
    world.run(5000);
    expect(stateOf(world)).toBe('Live');
  });
});

describe('access lists that take the place of others', () => {
  const permit = { action: 'permit', protocol: undefined, source: undefined, destination: undefined } as const;
  const ports = { sourcePorts: undefined, destinationPorts: undefined };
  const rule = { ...permit, ...ports };
  it('are the same objects where they say the same', () => {
    const table = accessListsOf([
      { name: 'a', rules: [rule] },
      { name: 'b', rules: [rule] },
      { name: 'c', rules: [] },
    ]);
    const before = new Map(table);
    const changed = replaceAccessLists(table, [
      { name: 'a', rules: [{ ...rule }] },
      { name: 'b', rules: [] },
      { name: 'd', rules: [] },
    ]);
    expect([...changed].sort()).toEqual(['b', 'c', 'd']);
    expect(table.get('a')).toBe(before.get('a'));
    expect(table.get('b')).not.toBe(before.get('b'));
    expect([...table.keys()].sort()).toEqual(['a', 'b', 'd']);
  });
});
