import { describe, expect, it } from 'vitest';
import type { Datagram } from '../../src/peers/actor.ts';
import { resumeAll } from '../../src/services/samog/checkpoints/resume.ts';
import { find } from '../../src/wire/bytes/tlv.ts';
import { radiusAttribute } from '../../src/wire/radius/attributes.ts';
import { radiusCode, radiusPort } from '../../src/wire/radius/constants.ts';
import { decodeRadius } from '../../src/wire/radius/packet.ts';
import { testDigests } from '../support/digests.ts';
import { Standby } from '../support/standby-record.ts';
import { address, MemoryWorld, radiusConfigOf } from './memory-world.ts';

/** A UE at a WLC that speaks RADIUS, and the Disconnect-Requests that go to the WLC. */
class Scene {
  readonly standby: Standby;
  readonly world: MemoryWorld;
  readonly requests: Datagram[] = [];
  isSilent = false;

  constructor() {
    const config = radiusConfigOf();
    this.standby = new Standby(config.cgwService.access.vmac);
    const world = new MemoryWorld(config, testDigests, this.standby);
    this.world = world;
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

  /** Another gateway goes on with what the standby has. */
  takeOver(): void {
    const next = this.world.newGateway();
    expect(next.adopt(resumeAll(this.standby.records.values(), this.world.now)).refused).toEqual([]);
    this.world.takeOver(next);
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

  it.each([
    ['of its own', true],
    ['that is no client', false],
  ])('may answer from another address %s', (_, isOwn) => {
    const scene = new Scene();
    const { world } = scene;
    const other = (isOwn ? address.wlc2 : address.host) as Datagram['source'];
    world.drops = (datagram) => {
      const packet = datagram.protocol === 'udp' ? decodeRadius(datagram.bytes) : undefined;
      const { disconnectAck, disconnectNak } = radiusCode;
      const codes: readonly number[] = [disconnectAck, disconnectNak];
      const isAnswer = packet?.ok && codes.includes(packet.value.code) && datagram.source !== other;
      if (isAnswer) world.send({ ...datagram, source: other, sourcePort: 40_000 });
      return isAnswer === true;
    };
    scene.clear();
    world.run(1000);
    expect(world.gateway.registry.size).toBe(isOwn ? 0 : 1);
    expect(scene.counted('radius.discarded.unknown-server')).toBe(isOwn ? 0 : 1);
    world.run(30_000);
    expect(world.gateway.registry.size).toBe(0);
    expect(scene.counted('nas-disconnect.given-up')).toBe(isOwn ? 0 : 1);
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

  it('is told by another chassis, if it has not answered this one', () => {
    const scene = new Scene();
    scene.isSilent = true;
    scene.clear();
    scene.world.run(5000);
    const before = scene.requests.length;
    scene.takeOver();
    scene.isSilent = false;
    scene.world.run(100);
    expect(scene.requests).toHaveLength(before + 1);
    expect(scene.world.wlc1.nas?.counters.get('disconnect.ack')).toBe(1);
    scene.world.run(1000);
    expect(scene.world.gateway.registry.size).toBe(0);
    expect([...scene.standby.records.values()]).toEqual([]);
    scene.takeOver();
    scene.world.run(1000);
    expect(scene.requests).toHaveLength(before + 1);
  });

  it('is not told by another chassis once its time is over', () => {
    const scene = new Scene();
    scene.isSilent = true;
    scene.clear();
    scene.world.run(1000);
    const records = [...scene.standby.records.values()];
    scene.world.run(60_000);
    const next = scene.world.newGateway();
    next.adopt(resumeAll(records, scene.world.now));
    scene.world.takeOver(next);
    const before = scene.requests.length;
    scene.world.run(1000);
    expect(scene.requests).toHaveLength(before);
    expect(scene.world.gateway.registry.size).toBe(0);
  });

  it('keeps no UE waiting that comes again meanwhile', () => {
    const scene = new Scene();
    const { world } = scene;
    scene.isSilent = true;
    const former = world.gateway.registry.ofMac(world.ue.mac)?.session;
    scene.clear();
    world.run(1000);
    expect(world.gateway.registry.ofMac(world.ue.mac)?.session.kind).toBe('Disconnecting');
    world.ue.moveTo(world.rg1, 'dhcp-discover', world.now);
    world.run(1000);
    expect(world.ue.dhcpState).toBe('Bound');
    const session = world.gateway.registry.ofMac(world.ue.mac)?.session;
    expect(session?.kind).toBe('Live');
    expect(session).not.toMatchObject({ durable: { id: former?.kind === 'Live' ? former.durable.id : 0 } });
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
