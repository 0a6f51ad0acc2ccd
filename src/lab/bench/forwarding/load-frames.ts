import type { ForwardingEntry } from '../../../forwarding/entry.ts';
import type { LoadSpec } from '../../../host/xdp/load-program.ts';
import { ipv4Of, macOf } from '../../../kernel/address.ts';
import { encodeEthernet, etherType } from '../../../wire/ethernet/ethernet.ts';
import { greLength, greProtocol, writeGre } from '../../../wire/gre/gre.ts';
import { encodeIpv4, ipProtocol } from '../../../wire/ipv4/ipv4.ts';
import { encodeUdpPacket } from '../../../wire/udp/udp.ts';

/** Who has which address around what is measured (RFC 5737, RFC 2544). */
export const bed = {
  access: ipv4Of(0xc00002fe),
  rg: ipv4Of(0xc0000201),
  s2a: ipv4Of(0xcb0071fe),
  lma: ipv4Of(0xcb007101),
  host: ipv4Of(0xc6120001),
  router: ipv4Of(0x0afffffe),
  vmac: macOf(0x0200000000fe),
  peerMac: macOf(0x020000000101),
} as const;

const firstSession = { id: 0x10000000, mac: macOf(0x02b000000000), address: ipv4Of(0x0a000001) } as const;
const udpAndIpOctets = 28;

/** A session of the load, counted from 0: a UE on EoGRE. */
export function loadSession(index: number): ForwardingEntry {
  const id = firstSession.id + index;
  return {
    sessionId: id,
    mac: macOf(firstSession.mac + index),
    addresses: [{ address: ipv4Of(firstSession.address + index), prefixLength: 8, router: bed.router }],
    access: { kind: 'eogre', peer: bed.rg, key: undefined, vlan: undefined },
    previous: undefined,
    previousUntil: 0,
    eogreFlow: true,
    s2a: { peer: bed.lma, uplinkKey: id, downlinkKey: id },
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
  const uplink = direction === 'uplink';
  const { mac, address, id: key } = firstSession;
  const [source, destination] = uplink ? [address, bed.host] : [bed.host, address];
  const payload = new Uint8Array(octets - udpAndIpOctets);
  const inner = encodeUdpPacket({ source, destination }, { sourcePort: 4000, destinationPort: 5000, payload });
  const gre = uplink
    ? greOf(
        greProtocol.transparentEthernet,
        undefined,
        encodeEthernet({ destination: bed.vmac, source: mac, vlan: undefined, etherType: etherType.ipv4 }, inner),
      )
    : greOf(greProtocol.ipv4, key, inner);
  const [from, to] = uplink ? [bed.rg, bed.access] : [bed.lma, bed.s2a];
  const outer = encodeIpv4({ source: from, destination: to, protocol: ipProtocol.gre }, gre);
  const frame = encodeEthernet(
    { destination: bed.vmac, source: bed.peerMac, vlan: undefined, etherType: etherType.ipv4 },
    outer,
  );
  return { direction, frame, sessions, mac, address, key };
}

function greOf(protocol: number, key: number | undefined, payload: Uint8Array): Uint8Array {
  const packet = new Uint8Array(greLength(key) + payload.length);
  packet.set(payload, writeGre(packet, 0, protocol, key));
  return packet;
}
