import { describe, expect, it } from 'vitest';
import { MeasuredTraffic } from '../../src/peers/measured-traffic.ts';
import { MemoryWorld } from './memory-world.ts';

/** The gateway core against all parties, without sockets: what must work before anything is measured. */

function attached(by: 'rg1' | 'wlc1'): MemoryWorld {
  const world = new MemoryWorld();
  world.ue.moveTo(world[by], 'dhcp-discover', world.now);
  world.run(200);
  return world;
}

function withTraffic(world: MemoryWorld): MeasuredTraffic {
  const traffic = new MeasuredTraffic(world.ue, world.host, { intervalMs: 1 });
  world.timed.push(traffic);
  traffic.start(world.now);
  return traffic;
}

describe('a first attachment', () => {
  it.each(['rg1', 'wlc1'] as const)('through %s gets an address, and the traffic flows', (by) => {
    const world = attached(by);
    expect(world.gateway.crashes).toEqual([]);
    expect(world.ue.dhcpState).toBe('Bound');
    const traffic = withTraffic(world);
    world.run(100);
    traffic.stop();
    world.run(50);
    expect(traffic.uplink.sent).toBeGreaterThan(90);
    expect([traffic.uplink.lost(), traffic.downlink.lost()]).toEqual([0, 0]);
  });
});
