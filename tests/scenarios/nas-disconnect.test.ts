import { describe, expect, it } from 'vitest';
import type { Datagram } from '../../src/peers/actor.ts';
import { find } from '../../src/wire/bytes/tlv.ts';
import { radiusAttribute } from '../../src/wire/radius/attributes.ts';
import { radiusCode, radiusPort } from '../../src/wire/radius/constants.ts';
import { decodeRadius } from '../../src/wire/radius/packet.ts';
import { address, MemoryWorld, radiusConfigOf } from './memory-world.ts';

/** A UE at a WLC that speaks RADIUS, and the Disconnect-Requests that go to the WLC. */
class Scene {
  readonly world = new MemoryWorld(radiusConfigOf());
  readonly requests: Datagram[] = [];
  isSilent = false;

  constructor() {
    const { world } = this;
    world.drops = (datagram) => {
      const packet = datagram.protocol === 'udp' ? decodeRadius(datagram.bytes) : undefined;
      if (!packet?.ok || packet.value.code !== radiusCode.disconnectRequest) return false;
      this.requests.push({ ...datagram, bytes: datagram.bytes.slice() });
      return this.isSilent;
    };
    world.ue.moveTo(world.wlc1, 'dhcp-discover', 0);
    world.run(1000);
    expect(world.ue.dhcpState).toBe('Bound');
  }

  clear(): void {
    this.world.gateway.clear(this.world.ue.mac, 'operator', this.world.now);
  }

  counted(name: string): number {
    return this.world.counted()[name] ?? 0;
  }
}

describe('the WLC of a UE whose session the gateway ends', () => {
  it('is told by a Disconnect-Request that names it as the WLC does, and lets the UE go', () => {
    const scene = new Scene();
    const { world } = scene;
    scene.clear();
    world.run(1000);
    expect(scene.requests).toHaveLength(1);
    const [{ destination, destinationPort, bytes }] = scene.requests as [Datagram];
    expect([destination, destinationPort]).toEqual([address.wlc1, radiusPort.dynamicAuthorization]);
    const packet = decodeRadius(bytes);
    const { attributes } = (packet as Extract<typeof packet, { ok: true }>).value;
    expect(find(attributes, radiusAttribute.callingStationId)).toBe('02-00-5E-10-00-01');
    expect(find(attributes, radiusAttribute.nasIdentifier)).toBe('wlc1');
    expect(find(attributes, radiusAttribute.eventTimestamp)).toBe(1_700_000_001);
    expect(world.wlc1.nas?.counters.get('disconnect.ack')).toBe(1);
    expect(scene.counted('radius.disconnect-ack.received')).toBe(1);
  });

  it('is told again if it does not answer, five times in half a minute', () => {
    const scene = new Scene();
    scene.isSilent = true;
    scene.clear();
    scene.world.run(60_000);
    expect(scene.requests).toHaveLength(5);
    expect(new Set(scene.requests.map(({ bytes }) => bytes.join())).size).toBe(1);
    expect(scene.counted('nas-disconnect.given-up')).toBe(1);
    expect(scene.world.gateway.registry.ofMac(scene.world.ue.mac)).toBeUndefined();
  });

  it('is not told of one that it has ended itself, nor of one that has gone on to an RG', () => {
    const own = new Scene();
    own.world.wlc1.deregistration = 'immediate';
    own.world.ue.leave(own.world.now);
    own.world.run(20_000);
    expect(own.world.gateway.registry.ofMac(own.world.ue.mac)).toBeUndefined();
    expect(own.requests).toEqual([]);
    const gone = new Scene();
    gone.world.ue.moveTo(gone.world.rg1, 'dhcp-request', gone.world.now);
    gone.world.run(1000);
    gone.clear();
    gone.world.run(1000);
    expect(gone.requests).toEqual([]);
  });
});
