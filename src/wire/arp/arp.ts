import { formatIpv4, formatMac, type Ipv4Address, ipv4Of, type MacAddress, macOf } from '../../kernel/address.ts';
import { type Decoded, decoded, failed } from '../bytes/decoded.ts';
import { setU16, setU32, setU48, u16At, u32At, u48At } from '../bytes/reader.ts';

/** An ARP packet for IPv4 over Ethernet (RFC 826). */
export interface ArpMessage {
  readonly operation: 'request' | 'reply';
  readonly senderMac: MacAddress;
  readonly senderAddress: Ipv4Address;
  readonly targetMac: MacAddress;
  readonly targetAddress: Ipv4Address;
}

/** Of a packet for IPv4 over Ethernet, in octets. */
export const arpLength = 28;

const hardwareEthernet = 1;
const protocolIpv4 = 0x0800;
const operationRequest = 1;
const operationReply = 2;

/**
 * Reads the packet at `offset`; octets behind it are frame padding. Fails with `unsupported` for other hardware,
 * protocols or operations, `bad-length` for wrong address lengths, `truncated` otherwise.
 */
export function decodeArp(bytes: Uint8Array, offset = 0, end = bytes.length): Decoded<ArpMessage> {
  if (end - offset < arpLength) return failed('truncated', offset);
  if (u16At(bytes, offset) !== hardwareEthernet) return failed('unsupported', offset);
  if (u16At(bytes, offset + 2) !== protocolIpv4) return failed('unsupported', offset + 2);
  if (bytes[offset + 4] !== 6 || bytes[offset + 5] !== 4) return failed('bad-length', offset + 4);
  const operation = u16At(bytes, offset + 6);
  if (operation !== operationRequest && operation !== operationReply) return failed('unsupported', offset + 6);
  return decoded({
    operation: operation === operationRequest ? 'request' : 'reply',
    senderMac: macOf(u48At(bytes, offset + 8)),
    senderAddress: ipv4Of(u32At(bytes, offset + 14)),
    targetMac: macOf(u48At(bytes, offset + 18)),
    targetAddress: ipv4Of(u32At(bytes, offset + 24)),
  });
}

/** Writes the packet at `at` and returns its length. */
export function writeArp(bytes: Uint8Array, at: number, message: ArpMessage): number {
  setU16(bytes, at, hardwareEthernet);
  setU16(bytes, at + 2, protocolIpv4);
  bytes[at + 4] = 6;
  bytes[at + 5] = 4;
  setU16(bytes, at + 6, message.operation === 'request' ? operationRequest : operationReply);
  setU48(bytes, at + 8, message.senderMac);
  setU32(bytes, at + 14, message.senderAddress);
  setU48(bytes, at + 18, message.targetMac);
  setU32(bytes, at + 24, message.targetAddress);
  return arpLength;
}

/** The packet alone, 28 octets, without an Ethernet header. */
export function encodeArp(message: ArpMessage): Uint8Array {
  const bytes = new Uint8Array(arpLength);
  writeArp(bytes, 0, message);
  return bytes;
}

/** The reply that tells the sender of `request` that `mac` has the address it asked for. */
export function arpReply(request: ArpMessage, mac: MacAddress): ArpMessage {
  return {
    operation: 'reply',
    senderMac: mac,
    senderAddress: request.targetAddress,
    targetMac: request.senderMac,
    targetAddress: request.senderAddress,
  };
}

/**
 * An ARP announcement (RFC 5227 section 3): a request whose sender and target are both the announced address, which
 * makes every listener that has an entry for it take the new MAC address. The target MAC is all zeros (section 2.3).
 */
export function gratuitousArp(mac: MacAddress, address: Ipv4Address): ArpMessage {
  return {
    operation: 'request',
    senderMac: mac,
    senderAddress: address,
    targetMac: macOf(0),
    targetAddress: address,
  };
}

/** One line for logs and monitoring. */
export function describeArp(message: ArpMessage): string {
  const sender = `${formatIpv4(message.senderAddress)} at ${formatMac(message.senderMac)}`;
  if (message.operation === 'reply') return `ARP reply ${sender}`;
  if (message.senderAddress === message.targetAddress) return `ARP announcement ${sender}`;
  return `ARP request ${formatIpv4(message.targetAddress)} by ${sender}`;
}
