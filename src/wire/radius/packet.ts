import { OctetPool } from '../../kernel/octet-pool.ts';
import { cut } from '../bytes/cut.ts';
import { type Decoded, decoded } from '../bytes/decoded.ts';
import { nameIn } from '../bytes/names.ts';
import { setU16 } from '../bytes/reader.ts';
import type { Tlv } from '../bytes/tlv.ts';
import { decodeEap, describeEap } from '../eap/eap.ts';
import { radiusAttributeByType } from './attributes.ts';
import { radiusCode } from './constants.ts';
import { joinEapMessage } from './eap-message.ts';
import { openRadius } from './packet-octets.ts';
import { attributeOctetsMax } from './values.ts';

/**
 * A RADIUS packet (RFC 2865 section 3).
 *
 *     |     Code      |  Identifier   |            Length             |
 *     |                   Authenticator (16 octets)                   |
 *     |  Attributes ...
 *
 * Attributes are those of the packet in order, unknown ones included; their data are views of the decoded octets.
 */
export interface RadiusPacket {
  /** One of `radiusCode`. */
  readonly code: number;
  readonly identifier: number;
  /** 16 octets: the Request Authenticator of a request, the Response Authenticator of a reply. */
  readonly authenticator: Uint8Array;
  readonly attributes: readonly Tlv[];
}

/** A packet whose attributes are octets already: those of another one, as a rule. None of them is a Message-Authenticator. */
export interface EncodedPacket {
  readonly code: number;
  readonly identifier: number;
  readonly authenticator: Uint8Array;
  readonly encoded: Uint8Array;
}

const headOctets = 20;
const authenticatorOctets = 16;
const packetOctetsMax = 4096;
const shortOctets = 48;
const pool = new OctetPool();

/**
 * Reads a packet by the rules of RFC 2865 section 3: octets behind Length are padding and ignored. Fails with
 * `truncated` where there are fewer octets than Length says or an attribute overruns it, `oversized` above 4096,
 * `bad-length` for a Length below 20 or an attribute's below 2, and `bad-value` for a known attribute that cannot be a
 * value of its type. The authenticators are not looked at: see authenticator.ts.
 */
export function decodeRadius(bytes: Uint8Array): Decoded<RadiusPacket> {
  const opened = openRadius(bytes);
  if (!opened.ok) return opened;
  const { code, identifier, authenticator, attributes } = opened.value;
  return decoded({ code, identifier, authenticator, attributes });
}

/**
 * Writes a packet with the authenticator as it is. Throws RangeError above 4096 octets or for an attribute of more than
 * 253 octets of data: no value of the attribute table has more.
 */
export function encodeRadius(packet: RadiusPacket): Uint8Array {
  let length = headOctets;
  for (const { type, data } of packet.attributes) {
    if (data.length > attributeOctetsMax) throw new RangeError(`RADIUS attribute ${type} with ${data.length} octets`);
    length += 2 + data.length;
  }
  if (length > packetOctetsMax) throw new RangeError(`RADIUS packet of ${length} octets`);
  const bytes = pool.take(length);
  bytes[0] = packet.code;
  bytes[1] = packet.identifier;
  setU16(bytes, 2, length);
  bytes.set(cut(packet.authenticator, authenticatorOctets), 4);
  let at = headOctets;
  for (const { type, data } of packet.attributes) {
    bytes[at] = type;
    bytes[at + 1] = 2 + data.length;
    // Most are a few octets: a call of the platform for each costs more than copying it.
    if (data.length > shortOctets) bytes.set(data, at + 2);
    else for (let index = 0; index < data.length; index += 1) bytes[at + 2 + index] = data[index]!;
    at += 2 + data.length;
  }
  return bytes;
}

/**
 * Writes a packet with the authenticator as it is. Throws RangeError above 4096 octets.
 *
 * @param room octets left before the attributes, which are zero
 */
export function writeRadius({ code, identifier, authenticator, encoded }: EncodedPacket, room: number): Uint8Array {
  const length = headOctets + room + encoded.length;
  if (length > packetOctetsMax) throw new RangeError(`RADIUS packet of ${length} octets`);
  const bytes = pool.take(length);
  bytes[0] = code;
  bytes[1] = identifier;
  setU16(bytes, 2, length);
  for (let index = 0; index < authenticatorOctets; index += 1) bytes[4 + index] = authenticator[index] ?? 0;
  bytes.set(encoded, headOctets + room);
  return bytes;
}

const repliesTo: Readonly<Record<number, readonly number[]>> = {
  [radiusCode.accessRequest]: [radiusCode.accessAccept, radiusCode.accessReject, radiusCode.accessChallenge],
  [radiusCode.accountingRequest]: [radiusCode.accountingResponse],
  // RFC 5997 section 4.1: whichever of the two the server's port answers with.
  [radiusCode.statusServer]: [radiusCode.accessAccept, radiusCode.accountingResponse],
  [radiusCode.disconnectRequest]: [radiusCode.disconnectAck, radiusCode.disconnectNak],
  [radiusCode.coaRequest]: [radiusCode.coaAck, radiusCode.coaNak],
};

/** Whether a packet of one code can be the answer to a request of the other; a code that is no request has none. */
export function answers(requestCode: number, replyCode: number): boolean {
  return repliesTo[requestCode]?.includes(replyCode) ?? false;
}

/** One line for logs and monitoring, without secrets. An EAP packet in it is described behind the attributes. */
export function describeRadius(packet: RadiusPacket): string {
  const attributes = packet.attributes.map(describeAttribute).join(', ');
  return `${nameIn(radiusCode, packet.code)} identifier ${packet.identifier} [${attributes}]${describeEapIn(packet)}`;
}

function describeEapIn(packet: RadiusPacket): string {
  const message = joinEapMessage(packet.attributes);
  if (message.kind === 'none') return '';
  if (message.kind !== 'packet') return ` EAP ${message.kind}`;
  const eap = decodeEap(message.octets);
  return eap.ok ? ` ${describeEap(eap.value)}` : ` EAP ${eap.reason}`;
}

function describeAttribute(attribute: Tlv): string {
  const codec = radiusAttributeByType[attribute.type];
  const value = codec?.decode(attribute.data);
  if (codec === undefined || value === undefined) {
    return `attribute ${attribute.type} of ${attribute.data.length} octets`;
  }
  return `${codec.name} ${codec.describe(value)}`;
}
