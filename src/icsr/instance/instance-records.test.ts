import { describe, expect, it } from 'vitest';
import { checkpoints } from '../catalogue/catalogue.ts';
import type { InstanceRecord } from '../replication/sender-config.ts';
import { type IdentifierMaps, mapCodecs } from './identifier-maps.ts';
import { instanceRecordsOf, PeerInstance } from './instance-records.ts';

const service = (serviceId: number, serviceName: string) => ({
  serviceId,
  kind: 'cgw',
  contextName: 'access',
  serviceName,
});
const maps: IdentifierMaps = {
  apns: [
    { apnId: 1, apnName: 'internet' },
    { apnId: 2, apnName: 'ims' },
  ],
  services: [service(1, 'cgw')],
  vpns: [{ vpnId: 1, contextName: 'access', pools: ['pool-1'], natRealms: [] }],
};
/** The same names under other numbers, as on a chassis that is configured in another order. */
const renumbered: IdentifierMaps = {
  ...maps,
  apns: maps.apns.map(({ apnName }, index) => ({ apnId: 9 - index, apnName })),
};

function told(peer: PeerInstance, records: readonly InstanceRecord[]): readonly string[] {
  return records.map(({ address, payload }) => peer.apply({ ...address, payload }));
}

describe('the records of an instance', () => {
  it('are the three maps at READY_STATE, and their digests at each interval', () => {
    const names = (occasion: 'ready' | 'periodic') => instanceRecordsOf(maps, occasion).map(({ address }) => address);
    expect(names('ready')).toEqual([
      checkpoints.serviceIdMapping.address,
      checkpoints.vpnmgrIdMapping.address,
      checkpoints.apnIdMapping.address,
    ]);
    expect(names('periodic')).toEqual([checkpoints.instanceLevel.address]);
  });

  it('are kept by names, whatever the numbers', () => {
    const peer = new PeerInstance(maps);
    expect(peer.maps).toEqual({});
    expect(told(peer, instanceRecordsOf(renumbered, 'ready'))).toEqual(['applied', 'applied', 'applied']);
    expect([peer.maps, peer.unresolved]).toEqual([renumbered, []]);
  });

  it('R5: a name that is unknown here is refused once, and then kept as unresolved', () => {
    const other = { ...maps, apns: [{ apnId: 1, apnName: 'other' }], services: [service(1, 'cgw'), service(2, 'x')] };
    const peer = new PeerInstance(maps);
    const records = instanceRecordsOf(other, 'ready');
    expect(told(peer, records)).toEqual(['unresolved-name', 'applied', 'unresolved-name']);
    expect([peer.maps.apns, peer.unresolved]).toEqual([undefined, []]);
    expect(told(peer, records)).toEqual(['applied', 'applied', 'applied']);
    expect([peer.maps, peer.unresolved]).toEqual([other, ['APN other', 'cgw-service x']]);
    expect(told(peer, instanceRecordsOf(maps, 'ready'))).toEqual(['applied', 'applied', 'applied']);
    expect(peer.unresolved).toEqual([]);
  });

  it('are asked for again when the digests say otherwise', () => {
    const peer = new PeerInstance(maps);
    const periodic = instanceRecordsOf(maps, 'periodic');
    expect(told(peer, periodic)).toEqual(['conflict']);
    told(peer, instanceRecordsOf(renumbered, 'ready'));
    expect(told(peer, periodic)).toEqual(['conflict']);
    told(peer, instanceRecordsOf(maps, 'ready'));
    expect(told(peer, periodic)).toEqual(['applied']);
  });

  it('are refused whole where they cannot be read', () => {
    const peer = new PeerInstance(maps);
    const damaged = mapCodecs.apns.encode({ entries: maps.apns }, 0, 0).slice(0, -1);
    expect(peer.apply({ ...checkpoints.apnIdMapping.address, payload: damaged })).toBe('malformed');
    expect(peer.apply({ ...checkpoints.instanceLevel.address, payload: Uint8Array.of(1) })).toBe('malformed');
    expect(peer.apply({ ...checkpoints.lease.address, payload: new Uint8Array(9) })).toBe('unknown-command');
    expect(peer.maps).toEqual({});
  });
});
