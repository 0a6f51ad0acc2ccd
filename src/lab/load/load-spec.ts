import type { LoadSpec } from '../../host/xdp/load-program.ts';
import type { Ipv4Address, MacAddress } from '../../kernel/address.ts';
import { encodeEthernet, etherType } from '../../wire/ethernet/ethernet.ts';
import { greLength, greProtocol, writeGre } from '../../wire/gre/gre.ts';
import { encodeIpv4, ipProtocol } from '../../wire/ipv4/ipv4.ts';
import { encodeUdpPacket } from '../../wire/udp/udp.ts';

/** By these ports of the UE's packet the load is known where it arrives: `bpf/load.bpf.c`. */
const ports = { sourcePort: 4000, destinationPort: 5000 } as const;
const udpAndIpOctets = 28;
/** All headers that are written for each packet have to be there. */
export const octetsLeast = 64;

/** Packets of sessions, as the RG's or the LMA's. */
export interface LoadFrames {
  readonly direction: LoadSpec['direction'];
  /** Of the UE's IP packet, at least `octetsLeast`. */
  readonly octets: number;
  readonly sessions: number;
  /** The ends of the outer packet: RG and access address, or LMA and S2a address. */
  readonly from: Ipv4Address;
  readonly to: Ipv4Address;
  readonly fromMac: MacAddress;
  readonly toMac: MacAddress;
  /** The UEs' default router, to which their frames are addressed. */
  readonly router: MacAddress;
  /** Of the first session; those of the others follow. */
  readonly mac: MacAddress;
  readonly address: Ipv4Address;
  /** Whom UEs speak to. */
  readonly host: Ipv4Address;
  /** Downlink: the first session's key, and how much more each one's is than the one's before, modulo 2^32. */
  readonly key: number;
  readonly keyStep: number;
}

/** What the generator is told. Uplink: EoGRE without a key or VLAN. Downlink: IP over GRE with a key. */
export function loadSpecOf(frames: LoadFrames): LoadSpec {
  const { direction, octets, sessions, from, to, mac, address, host, key, keyStep } = frames;
  const uplink = direction === 'uplink';
  const [source, destination] = uplink ? [address, host] : [host, address];
  const payload = new Uint8Array(octets - udpAndIpOctets);
  const packet = encodeUdpPacket({ source, destination }, { ...ports, payload });
  const gre = uplink
    ? greOf(greProtocol.transparentEthernet, undefined, ethernetOf(frames.router, mac, packet))
    : greOf(greProtocol.ipv4, key, packet);
  const outer = encodeIpv4({ source: from, destination: to, protocol: ipProtocol.gre }, gre);
  const frame = ethernetOf(frames.toMac, frames.fromMac, outer);
  return { direction, frame, sessions, mac, address, key, keyStep };
}

function ethernetOf(destination: MacAddress, source: MacAddress, packet: Uint8Array): Uint8Array {
  return encodeEthernet({ destination, source, vlan: undefined, etherType: etherType.ipv4 }, packet);
}

function greOf(protocol: number, key: number | undefined, payload: Uint8Array): Uint8Array {
  const packet = new Uint8Array(greLength(key) + payload.length);
  packet.set(payload, writeGre(packet, 0, protocol, key));
  return packet;
}
