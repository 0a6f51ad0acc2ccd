import { type Decoded, decoded, failed } from '../bytes/decoded.ts';
import { nameIn } from '../bytes/names.ts';
import { setU16, setU32, u16At, u32At } from '../bytes/reader.ts';
import { utf8Decode } from '../bytes/text.ts';
import { eapCode, eapType } from './constants.ts';

/**
 * An EAP packet (RFC 3748 section 4), as far as one that passes it on has to know it: what a method says in Type-Data
 * is between the peer and the server. Type-Data is a view of the decoded octets.
 *
 *     |     Code      |  Identifier   |            Length             |
 *     |     Type      |  Type-Data ...        (Request and Response only)
 */
export type EapPacket = EapExchange | EapResult;

export interface EapExchange {
  readonly kind: 'request' | 'response';
  /** A Response has that of the Request it answers. */
  readonly identifier: number;
  /** The octet as it is on the wire: 254 for an expanded type, which `eapMethod` reads. */
  readonly type: number;
  readonly data: Uint8Array;
}

export interface EapResult {
  readonly kind: 'success' | 'failure';
  readonly identifier: number;
}

/** Which method a Request or Response is of: one octet and an expanded type of vendor 0 mean the same (section 5.7). */
export interface EapMethod {
  /** SMI private enterprise number; 0 is the IETF. */
  readonly vendor: number;
  /** One of `eapType` if `vendor` is 0. */
  readonly type: number;
}

const headOctets = 4;
const exchangeHeadOctets = 5;
/** Vendor-Id and Vendor-Type, which stand at the beginning of the Type-Data of an expanded type. */
const expandedOctets = 7;
const lengthMax = 0xffff;

/**
 * Checks what RFC 3579 section 2.2 asks of a pass-through (Code, Length) and leaves the method alone. Octets behind
 * Length are padding and ignored. Fails with `truncated` where there are fewer octets than Length says, `bad-length`
 * for a Length that has no room for a Type or, in a Success or Failure, room for more than the head, and `bad-value`
 * for a Code other than 1 to 4.
 */
export function decodeEap(bytes: Uint8Array): Decoded<EapPacket> {
  if (bytes.length < headOctets) return failed('truncated', bytes.length);
  const kind = kindOf(bytes[0]!);
  if (kind === undefined) return failed('bad-value', 0);
  const identifier = bytes[1]!;
  const length = u16At(bytes, 2);
  if (length < headOctets) return failed('bad-length', 2);
  if (length > bytes.length) return failed('truncated', bytes.length);
  if (kind === 'success' || kind === 'failure') {
    return length === headOctets ? decoded({ kind, identifier }) : failed('bad-length', 2);
  }
  if (length < exchangeHeadOctets) return failed('bad-length', 2);
  return decoded({ kind, identifier, type: bytes[4]!, data: bytes.subarray(exchangeHeadOctets, length) });
}

/** What `decodeEap` says of a packet that is no longer than it is known here; undefined for one it refuses. */
export interface EapHead {
  readonly kind: EapPacket['kind'];
  readonly identifier: number;
  /** Of a Request or Response. */
  readonly type: number | undefined;
}

/**
 * Reads the head of a packet of which the first octets are at hand, by the rules of `decodeEap`.
 *
 * @param at where it begins in `bytes`; there are five octets of it, or all
 * @param octets how many it has, wherever the others are
 */
export function readEapHead(bytes: Uint8Array, at: number, octets: number): EapHead | undefined {
  if (octets < headOctets) return undefined;
  const kind = kindOf(bytes[at]!);
  const identifier = bytes[at + 1]!;
  const length = u16At(bytes, at + 2);
  if (kind === undefined || length > octets) return undefined;
  if (kind === 'success' || kind === 'failure') {
    return length === headOctets ? { kind, identifier, type: undefined } : undefined;
  }
  return length < exchangeHeadOctets ? undefined : { kind, identifier, type: bytes[at + 4]! };
}

/** Writes a packet. Throws RangeError for Type-Data of more than 65,530 octets, which Length cannot say. */
export function encodeEap(packet: EapPacket): Uint8Array {
  const length = 'data' in packet ? exchangeHeadOctets + packet.data.length : headOctets;
  if (length > lengthMax) throw new RangeError(`EAP packet of ${length} octets`);
  const bytes = new Uint8Array(length);
  bytes[0] = eapCode[packet.kind];
  bytes[1] = packet.identifier;
  setU16(bytes, 2, length);
  if ('data' in packet) {
    bytes[4] = packet.type;
    bytes.set(packet.data, exchangeHeadOctets);
  }
  return bytes;
}

/** The Type-Data of an expanded type (section 5.7). `vendor` has 24 bits, `type` 32. */
export function expandedData(method: EapMethod, data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(expandedOctets + data.length);
  bytes[0] = method.vendor >>> 16;
  setU16(bytes, 1, method.vendor);
  setU32(bytes, 3, method.type);
  bytes.set(data, expandedOctets);
  return bytes;
}

/** The method, or undefined for an expanded type that is cut short. */
export function eapMethod({ type, data }: EapExchange): EapMethod | undefined {
  if (type !== eapType.expanded) return { vendor: 0, type };
  if (data.length < expandedOctets) return undefined;
  return { vendor: (data[0]! << 16) | u16At(data, 1), type: u32At(data, 3) };
}

/**
 * The octets of the identity in a Response/Identity (section 5.1): those that RFC 3579 section 2.1 wants in User-Name.
 * Empty if the peer has none to tell; undefined if the packet is something else.
 */
export function eapIdentity(packet: EapPacket): Uint8Array | undefined {
  if (packet.kind !== 'response') return undefined;
  const method = eapMethod(packet);
  return method?.vendor === 0 && method.type === eapType.identity ? methodData(packet) : undefined;
}

/** One line for logs and monitoring. Shows an identity and which methods a Nak wants, and no other Type-Data. */
export function describeEap(packet: EapPacket): string {
  const head = `EAP ${packet.kind} identifier ${packet.identifier}`;
  if (!('data' in packet)) return head;
  const identity = eapIdentity(packet);
  if (identity !== undefined) return `${head} identity ${JSON.stringify(utf8Decode(identity))}`;
  const method = eapMethod(packet);
  if (method === undefined) return `${head} expanded, cut short`;
  const name = describeMethod(method);
  const wanted = packet.kind === 'response' && packet.type === eapType.nak ? [...packet.data] : [];
  if (wanted.length > 0) return `${head} ${name} wants ${wanted.map((type) => nameIn(eapType, type)).join(', ')}`;
  return `${head} ${name} of ${methodData(packet).length} octets`;
}

function kindOf(code: number): EapPacket['kind'] | undefined {
  switch (code) {
    case eapCode.request:
      return 'request';
    case eapCode.response:
      return 'response';
    case eapCode.success:
      return 'success';
    case eapCode.failure:
      return 'failure';
    default:
      return undefined;
  }
}

/** What the method has written, without the head of an expanded type. */
function methodData({ type, data }: EapExchange): Uint8Array {
  return type === eapType.expanded ? data.subarray(expandedOctets) : data;
}

function describeMethod({ vendor, type }: EapMethod): string {
  return vendor === 0 ? nameIn(eapType, type) : `vendor ${vendor} type ${type}`;
}
