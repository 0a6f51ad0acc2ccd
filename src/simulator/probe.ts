import { type Ipv4Address, type MacAddress, macOf } from '../kernel/address.ts';
import { setU32, setU48, u32At, u48At } from '../wire/bytes/reader.ts';
import { decodeIpv4, ipProtocol, ipv4TtlDefault } from '../wire/ipv4/ipv4.ts';
import { decodeUdp, encodeUdpPacket } from '../wire/udp/udp.ts';

/**
 * A packet of the virtual UEs' traffic that says whose it is: a checker can tell where it may turn up without asking the
 * gateway. The UDP checksum vouches for it; a packet that the network has changed says nothing.
 */
export interface Probe {
  /** The UE that sent it, or that it was sent to. */
  readonly owner: MacAddress;
  readonly direction: 'up' | 'down';
  readonly number: number;
}

const magic = 0x70726f62;
export const probePort = 7777;
const octets = 16;

/** A probe as the payload of a datagram: 16 octets, the same length for every probe. */
export function probePayload(probe: Probe): Uint8Array {
  const payload = new Uint8Array(octets);
  setU32(payload, 0, magic);
  setU48(payload, 4, probe.owner);
  payload[10] = probe.direction === 'up' ? 1 : 2;
  setU32(payload, 12, probe.number);
  return payload;
}

/** A probe as an IPv4 packet, from and to the port of probes. */
export function encodeProbe(probe: Probe, source: Ipv4Address, destination: Ipv4Address): Uint8Array {
  const payload = probePayload(probe);
  return encodeUdpPacket(
    { source, destination, ttl: ipv4TtlDefault },
    { sourcePort: probePort, destinationPort: probePort, payload },
  );
}

/** Reads an IPv4 packet that is a probe; undefined for any other, or a damaged one. */
export function decodeProbe(packet: Uint8Array): Probe | undefined {
  const header = decodeIpv4(packet);
  if (!header.ok || header.value.protocol !== ipProtocol.udp) return undefined;
  const { source, destination } = header.value;
  const end = header.value.headerLength + header.value.payloadLength;
  const datagram = decodeUdp(packet, header.value.headerLength, end, source, destination);
  if (!datagram.ok) return undefined;
  return readProbe(datagram.value.payload);
}

/** Reads the payload of a datagram; undefined for one that is no probe. */
export function readProbe(payload: Uint8Array): Probe | undefined {
  if (payload.length !== octets || u32At(payload, 0) !== magic) return undefined;
  return { owner: macOf(u48At(payload, 4)), direction: payload[10] === 1 ? 'up' : 'down', number: u32At(payload, 12) };
}
