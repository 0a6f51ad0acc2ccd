import type { Ipv4Address } from '../../kernel/address.ts';
import { type Decoded, decoded, failed } from '../bytes/decoded.ts';
import { setU16, u16At } from '../bytes/reader.ts';
import { checksumOf, onesComplementSum } from '../ipv4/checksum.ts';
import {
  encodeIpv4,
  ipProtocol,
  ipv4DestinationAt,
  ipv4Fault,
  ipv4FragmentOffsetAt,
  ipv4HeaderLengthAt,
  ipv4HeaderLengthMin,
  ipv4ProtocolAt,
  ipv4ReassemblyMin,
  ipv4SourceAt,
  ipv4TotalLengthAt,
  isGroupIpv4,
  isUnicastHost,
} from '../ipv4/ipv4.ts';

/** Codes of Destination Unreachable (RFC 792, RFC 1812 section 5.2.7.1). */
export const unreachableCode = { network: 0, host: 1, port: 3, fragmentationNeeded: 4, prohibited: 13 } as const;

const icmpType = { echoReply: 0, destinationUnreachable: 3, echoRequest: 8, timeExceeded: 11 } as const;
/** Unreachable, Source Quench, Redirect, Time Exceeded, Parameter Problem (RFC 1122 section 3.2.2). */
const errorTypes: readonly number[] = [3, 4, 5, 11, 12];

const headerLength = 8;
/** Internetwork Control precedence, which RFC 1812 section 4.3.2.5 asks for in errors. */
const errorTos = 0xc0;

/** An ICMP message (RFC 792). Octet ranges of a decoded one are views. */
export type IcmpMessage =
  | {
      readonly kind: 'echo-request' | 'echo-reply';
      readonly identifier: number;
      readonly sequence: number;
      readonly data: Uint8Array;
    }
  | {
      readonly kind: 'destination-unreachable';
      readonly code: number;
      /** In octets, for code 4 (RFC 1191 section 4); otherwise 0. */
      readonly nextHopMtu: number;
      /** The start of the packet this is about. */
      readonly original: Uint8Array;
    }
  | { readonly kind: 'time-exceeded'; readonly code: number; readonly original: Uint8Array }
  | { readonly kind: 'other'; readonly type: number; readonly code: number; readonly body: Uint8Array };

/** Reads the message in `[offset, end)`. Fails with `truncated` or `bad-checksum`. */
export function decodeIcmp(bytes: Uint8Array, offset = 0, end = bytes.length): Decoded<IcmpMessage> {
  if (end - offset < headerLength) return failed('truncated', offset);
  if (onesComplementSum(bytes, offset, end) !== 0xffff) return failed('bad-checksum', offset + 2);
  const type = bytes[offset]!;
  const code = bytes[offset + 1]!;
  const rest = bytes.subarray(offset + headerLength, end);
  if ((type === icmpType.echoRequest || type === icmpType.echoReply) && code === 0) {
    return decoded({
      kind: type === icmpType.echoRequest ? 'echo-request' : 'echo-reply',
      identifier: u16At(bytes, offset + 4),
      sequence: u16At(bytes, offset + 6),
      data: rest,
    });
  }
  if (type === icmpType.destinationUnreachable) {
    const nextHopMtu = code === unreachableCode.fragmentationNeeded ? u16At(bytes, offset + 6) : 0;
    return decoded({ kind: 'destination-unreachable', code, nextHopMtu, original: rest });
  }
  if (type === icmpType.timeExceeded) return decoded({ kind: 'time-exceeded', code, original: rest });
  return decoded({ kind: 'other', type, code, body: bytes.subarray(offset + 4, end) });
}

/** The message alone, with its checksum; an IPv4 payload. */
export function encodeIcmp(message: IcmpMessage): Uint8Array {
  switch (message.kind) {
    case 'echo-request':
    case 'echo-reply': {
      const type = message.kind === 'echo-request' ? icmpType.echoRequest : icmpType.echoReply;
      return assemble(type, 0, message.identifier, message.sequence, message.data);
    }
    case 'destination-unreachable':
      return assemble(icmpType.destinationUnreachable, message.code, 0, message.nextHopMtu, message.original);
    case 'time-exceeded':
      return assemble(icmpType.timeExceeded, message.code, 0, 0, message.original);
    case 'other': {
      const body = message.body;
      const word = (at: number): number => ((body[at] ?? 0) << 8) | (body[at + 1] ?? 0);
      return assemble(message.type, message.code, word(0), word(2), body.subarray(4));
    }
  }
}

function assemble(type: number, code: number, first: number, second: number, rest: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(headerLength + rest.length);
  bytes[0] = type;
  bytes[1] = code;
  setU16(bytes, 4, first);
  setU16(bytes, 6, second);
  bytes.set(rest, headerLength);
  setU16(bytes, 2, checksumOf(bytes, 0, bytes.length));
  return bytes;
}

/** The addresses of a packet to be built. */
export interface IcmpPath {
  readonly source: Ipv4Address;
  readonly destination: Ipv4Address;
}

/** A whole IPv4 packet that carries `message`. Echoes have TOS 0, errors Internetwork Control. */
export function encodeIcmpPacket(path: IcmpPath, message: IcmpMessage): Uint8Array {
  const isError = message.kind === 'destination-unreachable' || message.kind === 'time-exceeded';
  return encodeIpv4({ ...path, protocol: ipProtocol.icmp, tos: isError ? errorTos : 0 }, encodeIcmp(message));
}

/**
 * The packet that answers an Echo Request, from the address it was sent to.
 *
 * @param request a valid IPv4 packet, unfragmented, from its first octet
 * @returns undefined if it holds no valid Echo Request
 */
export function echoReplyPacket(request: Uint8Array): Uint8Array | undefined {
  const message = decodeIcmp(request, ipv4HeaderLengthAt(request, 0), ipv4TotalLengthAt(request, 0));
  if (!message.ok || message.value.kind !== 'echo-request') return undefined;
  const path = { source: ipv4DestinationAt(request, 0), destination: ipv4SourceAt(request, 0) };
  return encodeIcmpPacket(path, { ...message.value, kind: 'echo-reply' });
}

/** Destination Unreachable, fragmentation needed and DF set, with the next hop's MTU in octets (RFC 1191 section 4). */
export function fragmentationNeededPacket(path: IcmpPath, offending: Uint8Array, nextHopMtu: number): Uint8Array {
  return encodeIcmpPacket(path, {
    kind: 'destination-unreachable',
    code: unreachableCode.fragmentationNeeded,
    nextHopMtu,
    original: quoted(offending),
  });
}

/** Whether the valid IPv4 packet at `offset`, no later fragment of one, is a Fragmentation Needed: by type and code alone. */
export function isFragmentationNeededAt(bytes: Uint8Array, offset: number): boolean {
  if (ipv4ProtocolAt(bytes, offset) !== ipProtocol.icmp) return false;
  const at = offset + ipv4HeaderLengthAt(bytes, offset);
  return (
    at + headerLength <= offset + ipv4TotalLengthAt(bytes, offset) &&
    bytes[at] === icmpType.destinationUnreachable &&
    bytes[at + 1] === unreachableCode.fragmentationNeeded
  );
}

/** Destination Unreachable of any other code. */
export function destinationUnreachablePacket(path: IcmpPath, offending: Uint8Array, code: number): Uint8Array {
  return encodeIcmpPacket(path, {
    kind: 'destination-unreachable',
    code,
    nextHopMtu: 0,
    original: quoted(offending),
  });
}

/** Time Exceeded in transit (RFC 792). */
export function timeExceededPacket(path: IcmpPath, offending: Uint8Array): Uint8Array {
  return encodeIcmpPacket(path, { kind: 'time-exceeded', code: 0, original: quoted(offending) });
}

/** As much of the packet as keeps the error within 576 octets (RFC 1812 section 4.3.2.3). */
function quoted(offending: Uint8Array): Uint8Array {
  const length = Math.min(ipv4TotalLengthAt(offending, 0), ipv4ReassemblyMin - ipv4HeaderLengthMin - headerLength);
  return offending.subarray(0, length);
}

/**
 * Whether an ICMP error may be sent about the packet in `[offset, end)` (RFC 1122 section 3.2.2, RFC 1812 section
 * 4.3.2.7): not about an ICMP error, an invalid packet, a fragment other than the first, a packet to a group or from
 * anything that is not one host. The caller adds what only it knows: link-layer broadcasts and directed broadcasts.
 */
export function mayAnswerWithIcmpError(bytes: Uint8Array, offset = 0, end = bytes.length): boolean {
  if (ipv4Fault(bytes, offset, end) !== undefined) return false;
  if (ipv4FragmentOffsetAt(bytes, offset) !== 0) return false;
  if (isGroupIpv4(ipv4DestinationAt(bytes, offset)) || !isUnicastHost(ipv4SourceAt(bytes, offset))) return false;
  if (ipv4ProtocolAt(bytes, offset) !== ipProtocol.icmp) return true;
  const icmpAt = offset + ipv4HeaderLengthAt(bytes, offset);
  return icmpAt < offset + ipv4TotalLengthAt(bytes, offset) && !errorTypes.includes(bytes[icmpAt]!);
}
