import { describe, expect, it } from 'vitest';
import type { PortName } from '../../src/kernel/port.ts';
import type { Datagram } from '../../src/peers/actor.ts';
import type { SamogConfig } from '../../src/services/samog/config.ts';
import { utf8Encode } from '../../src/wire/bytes/text.ts';
import { signAccessRequest } from '../../src/wire/radius/authenticator.ts';
import { radiusCode } from '../../src/wire/radius/constants.ts';
import { decodeRadius } from '../../src/wire/radius/packet.ts';
import { testDigests } from '../support/digests.ts';
import { address, MemoryWorld, radiusConfigOf } from './memory-world.ts';

/** The configuration of clients that may send as much as they like: what is refused here is refused for what it says. */
function patientConfig(): SamogConfig {
  const config = radiusConfigOf();
  const twanProfiles = config.mrmeService.twanProfiles.map((profile) =>
    profile.radius === undefined ? profile : { ...profile, radius: { ...profile.radius, ratePerSecond: 1_000_000 } },
  );
  return { ...config, mrmeService: { ...config.mrmeService, twanProfiles } };
}

/** Every prefix of a packet, and the packet with each of its octets changed in two ways. */
function* variantsOf(packet: Uint8Array): Generator<Uint8Array> {
  for (let length = 0; length < packet.length; length += 1) yield packet.slice(0, length);
  for (let at = 0; at < packet.length; at += 1) {
    for (const change of [0x01, 0xff]) {
      const variant = packet.slice();
      variant[at]! ^= change;
      yield variant;
    }
  }
}

/** An attach, during which each datagram that `isOf` picks is preceded by forgeries of it, with its source and port. */
function attachAmong(
  { port, isOf }: { readonly port: PortName; readonly isOf: (datagram: Datagram) => boolean },
  forgeriesOf: (packet: Uint8Array) => Iterable<Uint8Array>,
): { world: MemoryWorld; forged: number; packets: number } {
  const world = new MemoryWorld(patientConfig());
  let forged = 0;
  let packets = 0;
  world.drops = (datagram) => {
    if (!isOf(datagram)) return false;
    packets += 1;
    for (const forgery of forgeriesOf(datagram.bytes)) {
      forged += 1;
      world.gateway.receive(port, 0, datagram.source, datagram.sourcePort, forgery, world.now);
    }
    return false;
  };
  world.ue.moveTo(world.wlc1, 'dhcp-discover', world.now);
  world.run(1000);
  return { world, forged, packets };
}

function sumOf(world: MemoryWorld, prefix: string): number {
  const counted = Object.entries(world.counted()).filter(([name]) => name.startsWith(prefix));
  return counted.reduce((sum, [, count]) => sum + count, 0);
}

function expectAttached(world: MemoryWorld): void {
  expect(world.ue.dhcpState).toBe('Bound');
  expect(world.wlc1.counters.snapshot()).toMatchObject({ 'access.accepted': 1, 'access.keys-differ': 0 });
  expect(world.gateway.crashes).toEqual([]);
  expect(world.counted()).toMatchObject({
    'session.setup': 1,
    'access-radius.access-request.received': 4,
    'access-radius.challenge.sent': 3,
    'access-radius.accept.sent': 1,
  });
}

const ofWlc = {
  port: 'access-radius' as const,
  isOf: ({ source, destinationPort }: Datagram) => source === address.wlc1 && destinationPort === 1812,
};
const ofAaa = {
  port: 'aaa' as const,
  isOf: ({ source, sourcePort }: Datagram) => source === address.aaa && sourcePort === 1812,
};

describe('among forgeries of its own packets a UE attaches as ever, and each is counted', () => {
  it('where they come to the door of the WLCs, cut and changed', () => {
    const { world, forged, packets } = attachAmong(ofWlc, variantsOf);
    expect(packets).toBe(4);
    expect(forged).toBeGreaterThan(1000);
    expectAttached(world);
    expect(sumOf(world, 'access-radius.discarded.')).toBe(forged);
  });

  it('where they come from the AAA server’s address and port, cut and changed', () => {
    const { world, forged, packets } = attachAmong(ofAaa, variantsOf);
    expect(packets).toBe(4);
    expect(forged).toBeGreaterThan(1000);
    expectAttached(world);
    expect(sumOf(world, 'radius.discarded.')).toBe(forged);
  });

  it('where they are requests in right form, with its Identifier and another secret', () => {
    const wrongSecret = utf8Encode('another');
    const { world, forged } = attachAmong(ofWlc, (packet) => {
      const decoded = decodeRadius(packet);
      if (!decoded.ok) throw new Error('the WLC sent no packet');
      const authenticator = new Uint8Array(16).fill(0xee);
      return [
        signAccessRequest(decoded.value, wrongSecret, testDigests),
        signAccessRequest({ ...decoded.value, authenticator }, wrongSecret, testDigests),
        signAccessRequest({ ...decoded.value, code: radiusCode.statusServer }, wrongSecret, testDigests),
      ];
    });
    expectAttached(world);
    expect(world.counted()['access-radius.discarded.bad-authenticator']).toBe(forged);
  });

  it('where its own requests come three times each', () => {
    const { world } = attachAmong(ofWlc, (packet) => [packet, packet]);
    expect(world.ue.dhcpState).toBe('Bound');
    expect(world.counted()).toMatchObject({
      'session.setup': 1,
      'access-radius.access-request.received': 4,
      'access-radius.access-request.retransmitted': 8,
    });
    expect(sumOf(world, 'access-radius.discarded.')).toBe(0);
  });
});
