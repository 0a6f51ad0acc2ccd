import { describe, expect, it } from 'vitest';
import { ipv4Of } from '../kernel/address.ts';
import { SeededRandom } from '../kernel/random.ts';
import type { Datagram } from '../peers/actor.ts';
import { faultless, type LinkFaults, VirtualNetwork } from './network.ts';

const left = ipv4Of(1);
const right = ipv4Of(2);

function datagram(number: number, from = left, to = right, protocol: 'gre' | 'udp' = 'gre'): Datagram {
  const bytes = Uint8Array.of(number >> 8, number & 255, 0, 0);
  return { protocol, source: from, sourcePort: 0, destination: to, destinationPort: 0, bytes };
}

/** Sends `count` numbered packets, one a millisecond, and returns what arrives, in order, with its time. */
function carry(faults: Partial<LinkFaults>, count: number, seed = 1, protocol: 'gre' | 'udp' = 'gre') {
  const clock = { now: 0 };
  const network = new VirtualNetwork({ ...faultless, ...faults }, new SeededRandom(seed), clock);
  const arrived: { readonly number: number; readonly at: number }[] = [];
  let next = 0;
  for (;;) {
    const at = Math.min(next < count ? next : Number.POSITIVE_INFINITY, network.nextDelivery());
    if (at === Number.POSITIVE_INFINITY) break;
    clock.now = at;
    const packet = network.arrive(at);
    if (packet !== undefined) arrived.push({ number: packet.bytes[0]! * 256 + packet.bytes[1]!, at });
    else if (at === next) network.send(datagram(next++, left, right, protocol));
  }
  return { arrived, statistics: network.statistics };
}

describe('the virtual network', () => {
  it('delivers everything in order after the latency', () => {
    const { arrived } = carry({ latencyMinMs: 5, latencyMaxMs: 20 }, 200);
    expect(arrived.map(({ number }) => number)).toEqual(Array.from({ length: 200 }, (_, number) => number));
    for (const { number, at } of arrived) {
      expect(at - number).toBeGreaterThanOrEqual(5);
      expect(at - number).toBeLessThan(25);
    }
  });

  it('loses, duplicates, reorders and damages about as many as it is told to', () => {
    expect(carry({ loss: 0.25 }, 4000).arrived.length / 4000).toBeCloseTo(0.75, 1);
    expect(carry({ duplication: 0.25 }, 4000).arrived.length / 4000).toBeCloseTo(1.25, 1);
    const overtaken = carry({ reordering: 0.3, reorderingMsMax: 50 }, 1000).arrived;
    expect(overtaken).toHaveLength(1000);
    expect(
      overtaken.filter(({ number }, index) => number < (overtaken[index - 1]?.number ?? 0)).length,
    ).toBeGreaterThan(50);
    const damaged = carry({ corruption: 0.3 }, 1000);
    expect(damaged.statistics.corrupted).toBeGreaterThan(200);
    expect(damaged.arrived).toHaveLength(1000);
  });

  it('loses a damaged UDP datagram', () => {
    const { arrived, statistics } = carry({ corruption: 0.3 }, 1000, 1, 'udp');
    expect(arrived).toHaveLength(1000 - statistics.corrupted);
  });

  it('loses in bursts', () => {
    const { arrived } = carry({ burst: 0.01, burstMsMax: 50 }, 4000);
    const gaps = arrived.map(({ number }, index) => number - (arrived[index - 1]?.number ?? -1) - 1);
    expect(Math.max(...gaps)).toBeGreaterThan(20);
  });

  it('clogs one direction only, and holds back what is on it', () => {
    const clock = { now: 0 };
    const network = new VirtualNetwork({ ...faultless, clog: 1, clogMsMax: 1000 }, new SeededRandom(2), clock);
    network.send(datagram(1));
    network.faults = faultless;
    network.send(datagram(2, right, left));
    const arrivals: number[] = [];
    while (network.nextDelivery() < Number.POSITIVE_INFINITY) {
      clock.now = network.nextDelivery();
      const packet = network.arrive(clock.now);
      if (packet !== undefined) arrivals.push(packet.bytes[1]!);
    }
    expect(arrivals).toEqual([2, 1]);
    expect(clock.now).toBeGreaterThan(10);
  });

  it('does the same again for the same seed, and not for another', () => {
    const faults = { loss: 0.1, duplication: 0.1, reordering: 0.2, reorderingMsMax: 30, latencyMaxMs: 9 };
    expect(carry(faults, 500, 7).arrived).toEqual(carry(faults, 500, 7).arrived);
    expect(carry(faults, 500, 7).arrived).not.toEqual(carry(faults, 500, 8).arrived);
  });

  it('is calm when told so', () => {
    const clock = { now: 0 };
    const network = new VirtualNetwork(
      { ...faultless, loss: 1, burst: 1, burstMsMax: 900 },
      new SeededRandom(2),
      clock,
    );
    network.send(datagram(1));
    network.calm();
    network.send(datagram(2));
    clock.now = 10;
    expect(network.arrive(10)?.bytes[1]).toBe(2);
    expect(network.arrive(10)).toBeUndefined();
  });
});
