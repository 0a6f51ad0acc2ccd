import { expect, it } from 'vitest';
import {
  countersAt,
  countersOctets,
  directionUsageAt,
  puntReasons,
  sessionAt,
  sessionOctets,
  usageAt,
} from './layout.ts';
import { fastUsageAt, sumCounters } from './usage.ts';

it('reads the usage of a place', () => {
  const values = new DataView(new ArrayBuffer(2 * sessionOctets));
  const set = (direction: number, field: number, value: bigint) =>
    values.setBigUint64(sessionOctets + sessionAt.usage + direction + field, value, true);
  set(usageAt.uplink, directionUsageAt.packets, 3n);
  set(usageAt.uplink, directionUsageAt.octets, 2n ** 40n + 1n);
  set(usageAt.downlink, directionUsageAt.last, 7n);
  expect(fastUsageAt(values, 1)).toEqual({
    uplink: { packets: 3, octets: 2 ** 40 + 1, last: 0 },
    downlink: { packets: 0, octets: 0, last: 7 },
  });
  expect(fastUsageAt(values, 0).uplink.packets).toBe(0);
});

it('adds up the counters of all CPUs', () => {
  const values = new DataView(new ArrayBuffer(3 * countersOctets));
  const tooBig = 8 * (puntReasons.indexOf('too-big') + 1);
  for (let cpu = 0; cpu < 3; cpu += 1) {
    values.setBigUint64(cpu * countersOctets + countersAt.policed, 10n, true);
    values.setBigUint64(cpu * countersOctets + countersAt.downlink_octets, 2n ** 33n, true);
    values.setBigUint64(cpu * countersOctets + countersAt.uplink_punts + tooBig, 1n, true);
  }
  const counters = sumCounters(values);
  expect(counters).toMatchObject({ uplinkPackets: 0, downlinkOctets: 3 * 2 ** 33, policed: 30 });
  expect(counters.uplinkPunts).toMatchObject({ 'too-big': 3, 'no-port': 0, passive: 0 });
  expect(counters.downlinkPunts['too-big']).toBe(0);
});
