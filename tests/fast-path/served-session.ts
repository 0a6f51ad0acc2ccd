import type { AccessPath, ForwardingEntry } from '../../src/forwarding/entry.ts';
import { FastPathTable } from '../../src/forwarding/fast-path/fast-path-table.ts';
import { ueEntry, vmac } from '../../src/forwarding/packets-for-tests.ts';
import type { FastPathConfig } from '../../src/host/xdp/fast-path-program.ts';
import { keys, place, vlan } from './peers.ts';

const side = { mtu: 1500, greTransport: 'raw' } as const;

export const fastPathConfig: FastPathConfig = {
  accessAddress: place.access,
  s2aAddress: place.s2a,
  vmac,
  sessionsMax: 100,
  puntsPerSecond: 0,
};

export const atRg: AccessPath = { kind: 'eogre', peer: place.rg, key: keys.eogre, vlan };
export const atMag: AccessPath = { kind: 'pmipv6', peer: place.mag, uplinkKey: keys.session, downlinkKey: keys.mag };

/** The one session between the peers. */
export function session(access: AccessPath, previous?: AccessPath): ForwardingEntry {
  return ueEntry({
    sessionId: keys.session,
    access,
    previous,
    previousUntil: Number.POSITIVE_INFINITY,
    addresses: [{ address: place.ue, prefixLength: 24, router: place.router }],
    s2a: { peer: place.lma, uplinkKey: keys.lma, downlinkKey: keys.session },
  });
}

export function newTable(): FastPathTable {
  return new FastPathTable(fastPathConfig.sessionsMax, {
    access: side,
    s2a: side,
    mssClamp: true,
    listNumberOf: () => undefined,
    isEogreClient: () => true,
    kernelTimeOf: (instant) => instant,
  });
}
