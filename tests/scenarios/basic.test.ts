import { describe, expect, it } from 'vitest';
import { formatIpv4, ipv4Of } from '../../src/kernel/address.ts';
import type { AccessPoint, Station } from '../../src/peers/actor.ts';
import { MeasuredTraffic, type TrafficLoss } from '../../src/peers/measured-traffic.ts';
import type { ArrivalManner } from '../../src/peers/ue.ts';
import { magLinkLayerAddress } from '../../src/peers/wlc.ts';
import { encodeEthernet, etherType } from '../../src/wire/ethernet/ethernet.ts';
import { decodeMobility } from '../../src/wire/pmipv6/message.ts';
import { encodeUdpPacket } from '../../src/wire/udp/udp.ts';
import { testDigests } from '../support/digests.ts';
import { address, configOf, MemoryWorld } from './memory-world.ts';

/** The gateway core against all parties, on a network without sockets, where nothing is lost unless it is dropped. */

type Place = 'rg1' | 'rg2' | 'wlc1' | 'wlc2';

function attached(by: Place, world = new MemoryWorld()): MemoryWorld {
  world.ue.moveTo(world[by], 'dhcp-discover', world.now);
  world.run(200);
  expect(world.ue.dhcpState).toBe('Bound');
  return world;
}

function withTraffic(world: MemoryWorld): MeasuredTraffic {
  const traffic = new MeasuredTraffic(world.ue, world.host, { intervalMs: 1 });
  world.timed.push(traffic);
  traffic.start(world.now);
  return traffic;
}

/** Moves the UE under traffic; its former access point is heard for 20 ms more. */
function moved(world: MemoryWorld, to: AccessPoint, how: ArrivalManner): TrafficLoss {
  const traffic = withTraffic(world);
  world.run(100);
  const from = world.now - 50;
  world.ue.moveTo(to, how, world.now, 20);
  world.run(200);
  const end = world.now;
  world.run(50);
  traffic.stop();
  world.run(50);
  return traffic.loss(from, end);
}

function handoffs(world: MemoryWorld): Record<string, number> {
  const counted = Object.entries(world.counted()).filter(([name]) => name.startsWith('handoff.'));
  return Object.fromEntries(counted.map(([name, value]) => [name.slice('handoff.'.length), value]));
}

const accepted = (kind: string) => ({ [`${kind}.received`]: 1, [`${kind}.accepted`]: 1 });
const denied = (kind: string, why: string) => ({
  [`${kind}.received`]: 1,
  [`${kind}.denied`]: 1,
  [`denied.${why}`]: 1,
});

describe('a first attachment', () => {
  it.each(['rg1', 'rg2', 'wlc1', 'wlc2'] as const)('through %s gets an address, and the traffic flows', (by) => {
    const world = attached(by);
    expect(formatIpv4(world.ue.address!)).toBe('10.45.0.2');
    const traffic = withTraffic(world);
    world.run(100);
    traffic.stop();
    world.run(50);
    expect(traffic.uplink.sent).toBeGreaterThan(90);
    expect([traffic.uplink.lost(), traffic.downlink.lost()]).toEqual([0, 0]);
    expect(world.gateway.crashes).toEqual([]);
  });

  it('is answered by the router and by a host behind the LMA', () => {
    const world = attached('rg1');
    const answered: string[] = [];
    world.ue.listener = { echoReply: (source, sequence) => answered.push(`${formatIpv4(source)} ${sequence}`) };
    world.ue.ping(world.ue.router!, 1, world.now);
    world.ue.ping(world.host.address, 2, world.now);
    world.run(50);
    expect(answered).toEqual(['10.45.0.1 1', '198.18.0.9 2']);
  });
});

describe('a handover under traffic loses nothing and keeps the address', () => {
  it.each([
    ['wlc1', 'rg1', 'dhcp-discover', 'pmip-to-eogre'],
    ['wlc1', 'rg2', 'dhcp-request', 'pmip-to-eogre'],
    ['wlc1', 'rg2', 'data', 'pmip-to-eogre'],
    ['rg1', 'wlc1', 'silent', 'eogre-to-pmip'],
    ['rg2', 'wlc1', 'data', 'eogre-to-pmip'],
    ['wlc1', 'wlc2', 'data', 'pmip-to-pmip'],
    ['rg1', 'rg2', 'dhcp-discover', 'dhcp-to-dhcp'],
    ['rg1', 'rg2', 'dhcp-request', 'eogre-to-eogre-request'],
    ['rg2', 'rg1', 'data', 'eogre-to-eogre-data'],
  ] as const)('from %s to %s by %s', (from, to, how, kind) => {
    const world = attached(from);
    const before = world.ue.address;
    const { uplinkLost, downlinkLost, interruptionMs } = moved(world, world[to], how);
    expect(world.gateway.crashes).toEqual([]);
    expect(world.ue.address).toBe(before);
    expect(world.ue.addressHistory).toHaveLength(1);
    expect(handoffs(world)).toEqual(accepted(kind));
    expect([uplinkLost, downlinkLost]).toEqual([0, 0]);
    // A PBU and its PBA take 2 ms; authentication or S2a signalling would take longer.
    expect(interruptionMs).toBeLessThan(5);
    expect(world.counted()).toMatchObject({ 'session.setup': 1, 's2a.pbu.initial.sent': 1 });
    expect(world.gateway.registry.size).toBe(1);
  });

  it.each([
    ['rg1', 'dhcp-discover'],
    ['rg1', 'data'],
    ['wlc2', 'data'],
  ] as const)('and revokes the binding of the WLC it left: to %s by %s', (to, how) => {
    const world = attached('wlc1');
    moved(world, world[to], how);
    expect(world.counted()).toMatchObject({ 'bri.sent': 1, 'bra.received': 1 });
    expect(world.wlc1.bindingOf(world.ue.mac)).toBeUndefined();
    expect(world.lma.bindings()).toHaveLength(1);
  });

  it('back and forth between both access types, four times', () => {
    const world = attached('wlc1');
    const before = world.ue.address;
    const traffic = withTraffic(world);
    for (const [to, how] of [
      ['rg1', 'data'],
      ['wlc1', 'data'],
      ['rg1', 'dhcp-discover'],
      ['wlc1', 'data'],
    ] as const) {
      world.ue.moveTo(world[to], how, world.now, 20);
      world.run(100);
    }
    traffic.stop();
    world.run(50);
    expect([traffic.uplink.lost(), traffic.downlink.lost()]).toEqual([0, 0]);
    expect(world.ue.address).toBe(before);
    expect(handoffs(world)).toEqual({
      'pmip-to-eogre.received': 2,
      'pmip-to-eogre.accepted': 2,
      'eogre-to-pmip.received': 2,
      'eogre-to-pmip.accepted': 2,
    });
  });
});

describe('a handover that must not be', () => {
  const profilesOnly = (names: readonly string[]) =>
    configOf(({ mrmeService, ...rest }) => ({
      ...rest,
      mrmeService: {
        ...mrmeService,
        twanProfiles: mrmeService.twanProfiles.filter(({ name }) => names.includes(name)),
      },
    }));

  it.each(['dhcp-discover', 'data'] as const)('is denied without a DHCP-trigger TWAN profile: %s', (how) => {
    const world = attached('wlc1', new MemoryWorld(profilesOnly(['wlc'])));
    world.ue.ping(world.host.address, 1, world.now);
    world.run(50);
    world.ue.moveTo(world.rg1, how, world.now);
    world.run(100);
    expect(handoffs(world)).toEqual(denied('pmip-to-eogre', 'no-dhcp-twan-profile'));
    expect(world.wlc1.bindingOf(world.ue.mac)?.state).toBe('registered');
    expect(world.gateway.flows.readBack(world.gateway.flows.entryAt(0).sessionId)?.eogreFlow).toBe(false);
  });

  it('is denied from an RG that is in no profile', () => {
    const config = profilesOnly(['wlc', 'rg']);
    const [wlc, rg] = config.mrmeService.twanProfiles;
    const clients = [{ address: address.rg2, length: 32 }];
    const twanProfiles = [wlc!, { ...rg!, clients }];
    const mrmeService = { ...config.mrmeService, twanProfiles };
    const world = attached('wlc1', new MemoryWorld({ ...config, mrmeService }));
    world.ue.moveTo(world.rg1, 'dhcp-discover', world.now);
    world.run(100);
    expect(handoffs(world)).toEqual(denied('pmip-to-eogre', 'client-not-in-profile'));
  });

  it('is denied to a forger of the source address, and the session is untouched', () => {
    const world = attached('wlc1');
    const { mac } = world.ue;
    const before = world.gateway.registry.ofMac(mac)!.session;
    const forger: Station = { mac, toStation: () => {} };
    const source = ipv4Of(world.ue.address! + 1);
    const datagram = { sourcePort: 9, destinationPort: 9, payload: new Uint8Array(8) };
    const packet = encodeUdpPacket({ source, destination: world.host.address }, datagram);
    const header = { destination: magLinkLayerAddress, source: mac, vlan: undefined, etherType: etherType.ipv4 };
    world.rg1.associate(forger);
    world.rg1.fromStation(forger, encodeEthernet(header, packet));
    world.run(50);
    expect(handoffs(world)).toEqual(denied('pmip-to-eogre', 'spoofed'));
    expect(world.gateway.registry.ofMac(mac)!.session).toBe(before);
  });
});

describe('a deregistration', () => {
  it('that comes late from the WLC that was left deletes nothing', () => {
    const world = attached('wlc1');
    world.wlc1.deregistration = { lateMs: 60 };
    world.wlc1.silentOnRevocation = true;
    const { uplinkLost, downlinkLost } = moved(world, world.rg1, 'data');
    expect(world.counted()).toMatchObject({ 'pbu.deregistration.accepted': 1 });
    expect([uplinkLost, downlinkLost]).toEqual([0, 0]);
    expect(world.gateway.registry.inState.Established).toBe(1);
  });

  it('by the WLC that has the UE ends the session after the delay, and the LMA is told', () => {
    const world = attached('wlc1');
    world.wlc1.deregistration = 'immediate';
    world.ue.leave(world.now);
    world.run(9000);
    expect(world.gateway.registry.inState.Deregistered).toBe(1);
    world.run(2000);
    expect(world.gateway.registry.size).toBe(0);
    expect(world.lma.bindings()).toEqual([]);
  });
});

describe('when a party fails', () => {
  it('a rejected UE gets no address', () => {
    const world = new MemoryWorld();
    world.aaa.policy = () => ({ kind: 'reject' });
    world.ue.moveTo(world.wlc1, 'dhcp-discover', world.now);
    world.run(500);
    expect(world.wlc1.bindingOf(world.ue.mac)?.state).toBe('refused');
    expect(world.counted()).toMatchObject({ 'session.failed.aaa-reject': 1 });
    expect(world.gateway.registry.size).toBe(0);
  });

  it('a silent LMA is asked again, and the UE is told when it stays silent', () => {
    const world = new MemoryWorld();
    world.lma.down = true;
    world.ue.moveTo(world.wlc1, 'silent', world.now);
    world.run(40_000);
    expect(world.counted()).toMatchObject({ 's2a.pbu.initial.retransmitted': 4, 'session.failed.lma-timeout': 1 });
    expect(world.wlc1.bindingOf(world.ue.mac)?.state).not.toBe('registered');
  });

  it('a lost packet of every exchange is made up for', () => {
    const world = new MemoryWorld();
    const seen = new Set<string>();
    world.drops = ({ protocol, source, destination, bytes }) => {
      if (protocol === 'gre') return false;
      const message = decodeMobility(bytes);
      const kind = message.ok ? message.value.kind : `radius ${bytes[0]}`;
      if (message.ok && message.value.kind === 'heartbeat') return false;
      const name = `${kind} ${source} ${destination}`;
      if (seen.has(name)) return false;
      seen.add(name);
      return true;
    };
    world.ue.moveTo(world.wlc1, 'dhcp-discover', world.now);
    world.run(15_000);
    expect(world.ue.dhcpState).toBe('Bound');
    world.ue.moveTo(world.rg1, 'data', world.now);
    world.run(5000);
    expect(world.counted()).toMatchObject({ 'bri.sent': 1, 'bri.retransmitted': 1, 'session.setup': 1 });
    expect(world.gateway.registry.inState.Established).toBe(1);
    expect(world.gateway.crashes).toEqual([]);
  });

  it('an LMA that restarted is given the session again, with its address', () => {
    const world = attached('rg1');
    const before = world.ue.address;
    world.run(65_000);
    world.lma.restart();
    world.run(130_000);
    expect(world.lma.bindings().map(({ address }) => address)).toEqual([before]);
    expect(world.gateway.registry.inState.Established).toBe(1);
  });

  it('an LMA that revokes a binding ends the session, and the WLC is told', () => {
    const world = attached('wlc1');
    expect(world.lma.revoke(world.lma.bindings()[0]!.nai, world.now)).toBe(true);
    world.run(500);
    expect(world.gateway.registry.size).toBe(0);
    expect(world.lma.bindings()).toEqual([]);
    expect(world.wlc1.bindingOf(world.ue.mac)).toBeUndefined();
  });
});

describe('a bug of ours', () => {
  it('that the first step of a session meets costs that session alone', () => {
    let bugs = 1;
    const world = new MemoryWorld(configOf(), {
      ...testDigests,
      md5(data) {
        bugs -= 1;
        if (bugs >= 0) throw new Error('our bug');
        return testDigests.md5(data);
      },
    });
    world.ue.moveTo(world.rg1, 'dhcp-discover', world.now);
    world.run(100);
    expect(world.gateway.registry.size).toBe(0);
    expect(world.gateway.crashes).toMatchObject([{ mac: world.ue.mac, event: 'started' }]);
    expect(world.events).toContainEqual(expect.objectContaining({ name: 'session-crashed', mac: world.ue.mac }));
    world.run(10_000);
    expect(world.ue.dhcpState).toBe('Bound');
  });
});

describe('over hours', () => {
  it.each(['rg1', 'wlc1'] as const)('lease and bindings are renewed through %s', (by) => {
    const world = attached(by);
    world.run(5 * 3_600_000);
    expect(world.ue.dhcpState).toBe('Bound');
    expect(world.ue.addressHistory).toHaveLength(1);
    expect(world.counted()['s2a.pbu.refresh.sent']).toBeGreaterThan(3);
    expect(world.gateway.registry.inState.Established).toBe(1);
  });
});
