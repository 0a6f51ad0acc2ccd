import {
  type Ipv4Address,
  ipv4Broadcast,
  ipv4Unspecified,
  type MacAddress,
  macBroadcast,
  macOf,
} from '../../kernel/address.ts';
import { setU16, setU32, setU48, u16At, u32At, u48At } from '../../wire/bytes/reader.ts';
import { tlv } from '../../wire/bytes/tlv.ts';
import { dhcpPort, encodeDhcp } from '../../wire/dhcpv4/message.ts';
import { dhcpOption } from '../../wire/dhcpv4/options.ts';
import { encodeEthernet, ethernetHeaderLength, etherType } from '../../wire/ethernet/ethernet.ts';
import { greLength, greProtocol, writeGre } from '../../wire/gre/gre.ts';
import { checksumOf, pseudoHeaderSum } from '../../wire/ipv4/checksum.ts';
import {
  ipProtocol,
  ipv4DestinationAt,
  ipv4HeaderLengthMin,
  ipv4Offset,
  ipv4SourceAt,
  ipv4TotalLengthAt,
} from '../../wire/ipv4/ipv4.ts';
import { encodeUdpPacket, udpHeaderLength, udpOffset } from '../../wire/udp/udp.ts';
import { addressOfUe, hostAddress, macOfUe, routerAddress } from './network.ts';

/** A UE whose identity occurs in no packet by chance. */
const sample = 0xfedcba;
const noOctets = new Uint8Array(0);
/** Where a UE believes its router to be; the gateway takes any. */
const routerMac = macOf(0x02aa00000001);
const dataPort = 4000;
const ethernetHardware = 1;
/** Subnet mask, router, name server, domain name, interface MTU, lease, T1 and T2. */
const requestedParameters = [1, 3, 6, 15, 26, 51, 58, 59];

/**
 * A packet that every UE sends alike but for its MAC address, IPv4 address and transaction identifier. It is encoded
 * once; after that a UE's own is made by writing these over and computing the checksums anew, so that a load generator
 * costs less than what it loads.
 */
export class UeTemplate {
  readonly #bytes: Uint8Array;
  readonly #macs: readonly number[];
  readonly #addresses: readonly number[];
  readonly #transactions: readonly number[];
  readonly #ipAt: number;
  readonly #udpAt: number;
  readonly #udpEnd: number;

  /**
   * @param packetOf makes the packet, of an inner IPv4 header without options and UDP
   * @param ipAt where the inner IPv4 header stands in it
   */
  constructor(packetOf: (ue: number) => Uint8Array, ipAt: number) {
    this.#bytes = packetOf(sample);
    this.#macs = placesOf(this.#bytes, 6, (at) => u48At(this.#bytes, at) === macOfUe(sample));
    this.#addresses = placesOf(this.#bytes, 4, (at) => u32At(this.#bytes, at) === addressOfUe(sample));
    this.#transactions = placesOf(this.#bytes, 4, (at) => u32At(this.#bytes, at) === transactionOfUe(sample));
    this.#ipAt = ipAt;
    this.#udpAt = ipAt + ipv4HeaderLengthMin;
    this.#udpEnd = ipAt + ipv4TotalLengthAt(this.#bytes, ipAt);
  }

  /** The packet of a UE; valid until the next call. */
  of(ue: number): Uint8Array {
    const bytes = this.#bytes;
    for (const at of this.#macs) setU48(bytes, at, macOfUe(ue));
    for (const at of this.#addresses) setU32(bytes, at, addressOfUe(ue));
    for (const at of this.#transactions) setU32(bytes, at, transactionOfUe(ue));
    const ipAt = this.#ipAt;
    const udpAt = this.#udpAt;
    setU16(bytes, ipAt + ipv4Offset.checksum, 0);
    setU16(bytes, ipAt + ipv4Offset.checksum, checksumOf(bytes, ipAt, udpAt));
    // A sender of data may leave the checksum out (RFC 768); DHCP clients send one.
    if (u16At(bytes, udpAt + udpOffset.checksum) === 0) return bytes;
    const pseudo = pseudoHeaderSum(
      ipv4SourceAt(bytes, ipAt),
      ipv4DestinationAt(bytes, ipAt),
      ipProtocol.udp,
      this.#udpEnd - udpAt,
    );
    setU16(bytes, udpAt + udpOffset.checksum, 0);
    const checksum = checksumOf(bytes, udpAt, this.#udpEnd, pseudo);
    setU16(bytes, udpAt + udpOffset.checksum, checksum === 0 ? 0xffff : checksum);
    return bytes;
  }
}

function placesOf(bytes: Uint8Array, octets: number, isHere: (at: number) => boolean): number[] {
  const places: number[] = [];
  for (let at = 0; at + octets <= bytes.length; at += 1) if (isHere(at)) places.push(at);
  return places;
}

function transactionOfUe(ue: number): number {
  return (0x5a000000 + ue) >>> 0;
}

/** Where the IPv4 header stands in an EoGRE packet without key and VLAN, and in one of IPv4 over GRE with a key. */
const ipInEogreAt = greLength(undefined) + ethernetHeaderLength;
const ipInGreAt = greLength(0);

/** A DHCP message of a UE through an RG, with the options that common clients send. */
export function dhcpTemplate(type: 'discover' | 'request'): UeTemplate {
  const packetOf = (ue: number): Uint8Array => {
    const chosen = [tlv(dhcpOption.requestedAddress, addressOfUe(ue)), tlv(dhcpOption.serverIdentifier, routerAddress)];
    const payload = encodeDhcp({
      op: 'request',
      hops: 0,
      transactionId: transactionOfUe(ue),
      secs: 0,
      broadcast: false,
      clientAddress: ipv4Unspecified,
      yourAddress: ipv4Unspecified,
      serverAddress: ipv4Unspecified,
      relayAddress: ipv4Unspecified,
      clientMac: macOfUe(ue),
      serverName: noOctets,
      bootFile: noOctets,
      options: [
        tlv(dhcpOption.messageType, type),
        tlv(dhcpOption.clientIdentifier, clientIdentifierOf(ue)),
        ...(type === 'request' ? chosen : []),
        tlv(dhcpOption.parameterRequestList, requestedParameters),
      ],
    });
    const datagram = { sourcePort: dhcpPort.client, destinationPort: dhcpPort.server, payload };
    const packet = encodeUdpPacket({ source: ipv4Unspecified, destination: ipv4Broadcast }, datagram);
    return inEogre(ue, macBroadcast, packet);
  };
  return new UeTemplate(packetOf, ipInEogreAt);
}

/** A UE's data through an RG. @param octets the length of the UE's IP packet */
export function eogreDataTemplate(octets: number): UeTemplate {
  return new UeTemplate((ue) => inEogre(ue, routerMac, dataPacket(addressOfUe(ue), hostAddress, octets)), ipInEogreAt);
}

/** Data for a UE from the LMA, whose key the caller writes. @param octets the length of the UE's IP packet */
export function downlinkTemplate(octets: number): UeTemplate {
  return new UeTemplate((ue) => inGre(dataPacket(hostAddress, addressOfUe(ue), octets)), ipInGreAt);
}

/** Where the GRE key of a packet stands. */
export const greKeyAt = 4;

function inEogre(ue: number, destination: MacAddress, packet: Uint8Array): Uint8Array {
  const frame = encodeEthernet(
    { destination, source: macOfUe(ue), vlan: undefined, etherType: etherType.ipv4 },
    packet,
  );
  const bytes = new Uint8Array(greLength(undefined) + frame.length);
  bytes.set(frame, writeGre(bytes, 0, greProtocol.transparentEthernet, undefined));
  return bytes;
}

function inGre(packet: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(greLength(0) + packet.length);
  bytes.set(packet, writeGre(bytes, 0, greProtocol.ipv4, 0));
  return bytes;
}

/** A UDP packet without a checksum, which its sender may leave out (RFC 768). */
function dataPacket(source: Ipv4Address, destination: Ipv4Address, octets: number): Uint8Array {
  const payload = new Uint8Array(octets - ipv4HeaderLengthMin - udpHeaderLength);
  const packet = encodeUdpPacket({ source, destination }, { sourcePort: dataPort, destinationPort: dataPort, payload });
  setU16(packet, ipv4HeaderLengthMin + udpOffset.checksum, 0);
  return packet;
}

function clientIdentifierOf(ue: number): Uint8Array {
  const identifier = new Uint8Array(7);
  identifier[0] = ethernetHardware;
  setU48(identifier, 1, macOfUe(ue));
  return identifier;
}
