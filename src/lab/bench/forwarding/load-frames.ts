import type { ForwardingEntry } from '../../../forwarding/entry.ts';
import type { LoadSpec } from '../../../host/xdp/load-program.ts';
import { ipv4Of, macOf } from '../../../kernel/address.ts';
import { loadSpecOf } from '../../load/load-spec.ts';
import {
  addressOfUe,
  type BenchNetwork,
  hostAddress,
  macOfUe,
  peerKeyOfUe,
  poolPrefixLength,
  routerAddress,
  sessionIdOfUe,
  sessionIdStep,
} from '../network.ts';

const rg = ipv4Of(0xc0000201);

/** Who has which address around what is measured (RFC 5737). */
export const bed: BenchNetwork = {
  access: ipv4Of(0xc00002fe),
  s2a: ipv4Of(0xcb0071fe),
  aaa: ipv4Of(0xc63364fe),
  rgs: [rg],
  wlcs: [ipv4Of(0xc0000202)],
  lma: ipv4Of(0xcb007101),
  aaaServer: ipv4Of(0xc6336401),
};

/** Another RG, whose UEs become attached. */
export const furtherRg = ipv4Of(0xc0000203);

/** The gateway's MAC addresses, as default router and where packets come by, and where they leave, and everybody else's. */
export const bedMac = {
  gateway: macOf(0x0200000000fe),
  outside: macOf(0x0200000000fd),
  peer: macOf(0x020000000101),
} as const;

/** A session of the load, counted from 0: a UE on EoGRE. */
export function loadSession(index: number): ForwardingEntry {
  const id = sessionIdOfUe(index);
  return {
    sessionId: id,
    mac: macOfUe(index),
    addresses: [{ address: addressOfUe(index), prefixLength: poolPrefixLength, router: routerAddress }],
    access: { kind: 'eogre', peer: rg, key: undefined, vlan: undefined },
    previous: undefined,
    previousUntil: 0,
    eogreFlow: true,
    s2a: { peer: bed.lma, uplinkKey: peerKeyOfUe(index), downlinkKey: id },
    police: undefined,
    filter: undefined,
  };
}

/**
 * Packets of sessions drawn at random.
 *
 * @param octets of the UE's IP packet, at least 64
 */
export function loadSpec(direction: LoadSpec['direction'], octets: number, sessions: number): LoadSpec {
  const [from, to] = direction === 'uplink' ? [rg, bed.access] : [bed.lma, bed.s2a];
  return loadSpecOf({
    direction,
    octets,
    sessions,
    from,
    to,
    fromMac: bedMac.peer,
    toMac: bedMac.gateway,
    router: bedMac.gateway,
    mac: macOfUe(0),
    address: addressOfUe(0),
    host: hostAddress,
    key: sessionIdOfUe(0),
    keyStep: sessionIdStep,
  });
}
