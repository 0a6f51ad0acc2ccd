import { type Decoded, decoded, failed } from '../bytes/decoded.ts';
import { Reader, setU16, setU32, u16At, u32At } from '../bytes/reader.ts';
import type { Tlv } from '../bytes/tlv.ts';

/**
 * The PDU of ETSI TS 103 221-2 (X2/X3), clause 5.1:
 *
 *     0                   2                   4
 *     |      Version      |     PDU Type      |
 *     |             Header Length             |  from Version to the last attribute
 *     |             Payload Length            |
 *     |  Payload Format   | Payload Direction |
 *     |             XID (16 octets)           |
 *     |        Correlation ID (8 octets)      |
 *     |   attributes: type 2, length 2, value |
 *     |                 Payload               |
 *
 * The layout and the numbers are those of others who agree: Wireshark's dissector of these PDUs, OpenLI's receiver of them, and
 * the codecs of two open 5G cores, written from the tables of V1.10.1. The standard's own text could not be read here.
 */
export interface LiPdu {
  readonly type: LiPduType;
  readonly format: number;
  readonly direction: number;
  /** The task's identifier, 16 octets: a UUID. */
  readonly xid: Uint8Array;
  /** 8 octets, the same for all that belongs to one communication. */
  readonly correlation: Uint8Array;
  readonly attributes: readonly Tlv[];
  readonly payload: Uint8Array;
}

/** Clause 5.2.1: major 0, minor 5, as of V1.6.1 to V1.9.1. A reader takes any minor version. */
export const liPduVersion = 5;

/** Clause 5.2.2. */
export const liPduType = { x2: 1, x3: 2, keepalive: 3, keepaliveAcknowledgement: 4 } as const;
export type LiPduType = (typeof liPduType)[keyof typeof liPduType];

/** Clause 5.4, of its table what is made here. */
export const liPayloadFormat = { keepalive: 0, proprietary: 4, ipv4: 5 } as const;

/** Clause 5.2.6. */
export const liDirection = { keepalive: 0, toTarget: 2, fromTarget: 3, notApplicable: 5 } as const;

/** Clause 5.3, of its table what is made here. */
export const liAttribute = {
  networkFunctionId: 6,
  interceptionPointId: 7,
  sequenceNumber: 8,
  timestamp: 9,
  matchedTarget: 17,
  otherTarget: 18,
} as const;

/** Without attributes. */
export const liHeaderLengthMin = 40;
const attributeHeaderLength = 4;
const xidAt = 16;
const correlationAt = 32;

/** Of a task's identifier. */
export const xidOctets = 16;
export const correlationOctets = 8;

/** The number of one PDU among those of one task, communication and PDU type (clause 5.3.9): 32 bits, from 0. */
export function sequenceAttribute(sequence: number): Tlv {
  const data = new Uint8Array(4);
  setU32(data, 0, sequence);
  return { type: liAttribute.sequenceNumber, data };
}

/** Seconds and nanoseconds of POSIX time, 32 bits each (clause 5.3.10); `wallClock` in milliseconds since 1970. */
export function timestampAttribute(wallClock: number): Tlv {
  const data = new Uint8Array(8);
  const seconds = Math.floor(wallClock / 1000);
  setU32(data, 0, seconds);
  setU32(data, 4, Math.floor((wallClock - seconds * 1000) * 1_000_000));
  return { type: liAttribute.timestamp, data };
}

/** The sequence number of a PDU; undefined if it has none. */
export function sequenceOf({ attributes }: Pick<LiPdu, 'attributes'>): number | undefined {
  const found = attributes.find(({ type, data }) => type === liAttribute.sequenceNumber && data.length === 4);
  return found === undefined ? undefined : u32At(found.data, 0);
}

/** Attributes as they stand in a PDU: what PDUs have in common is written once. */
export function encodeLiAttributes(attributes: readonly Tlv[]): Uint8Array {
  const bytes = new Uint8Array(attributes.reduce((sum, { data }) => sum + attributeHeaderLength + data.length, 0));
  let at = 0;
  for (const { type, data } of attributes) {
    setU16(bytes, at, type);
    setU16(bytes, at + 2, data.length);
    bytes.set(data, at + attributeHeaderLength);
    at += attributeHeaderLength + data.length;
  }
  return bytes;
}

/** A PDU in octets of its own; `xid` must have 16 and `correlation` 8. */
export function encodeLiPdu(pdu: LiPdu): Uint8Array {
  return writeLiPdu(pdu, encodeLiAttributes(pdu.attributes), pdu.payload, 0, pdu.payload.length);
}

/**
 * A PDU around octets that stand elsewhere, as a copy.
 *
 * @param attributes as `encodeLiAttributes` gives them
 */
export function writeLiPdu(
  head: Omit<LiPdu, 'attributes' | 'payload'>,
  attributes: Uint8Array,
  from: Uint8Array,
  at: number,
  length: number,
): Uint8Array {
  const headerLength = liHeaderLengthMin + attributes.length;
  const bytes = new Uint8Array(headerLength + length);
  setU16(bytes, 0, liPduVersion);
  setU16(bytes, 2, head.type);
  setU32(bytes, 4, headerLength);
  setU32(bytes, 8, length);
  setU16(bytes, 12, head.format);
  setU16(bytes, 14, head.direction);
  bytes.set(head.xid, xidAt);
  bytes.set(head.correlation, correlationAt);
  bytes.set(attributes, liHeaderLengthMin);
  bytes.set(from.subarray(at, at + length), headerLength);
  return bytes;
}

const noXid = new Uint8Array(xidOctets);
const noCorrelation = new Uint8Array(correlationOctets);
const nothing = new Uint8Array(0);

/** Clause 5.1: of the mandatory fields only version, type and length are not zero; it has a sequence number. */
export function keepalivePdu(type: 'keepalive' | 'keepaliveAcknowledgement', sequence: number): LiPdu {
  return {
    type: liPduType[type],
    format: liPayloadFormat.keepalive,
    direction: liDirection.keepalive,
    xid: noXid,
    correlation: noCorrelation,
    attributes: [sequenceAttribute(sequence)],
    payload: nothing,
  };
}

/** The first PDU in octets of a stream: how long it is; 0 as long as that cannot be known, -1 if it is no PDU, or too long. */
export function liPduLengthAt(bytes: Uint8Array, at: number, end: number, lengthMax: number): number {
  if (end - at < 12) return 0;
  // A greater major version is another structure (clause 5.2.1).
  if (bytes[at] !== 0 || u16At(bytes, at + 2) < 1 || u16At(bytes, at + 2) > 4) return -1;
  const headerLength = u32At(bytes, at + 4);
  const length = headerLength + u32At(bytes, at + 8);
  return headerLength < liHeaderLengthMin || length > lengthMax ? -1 : length;
}

/** Reads one whole PDU; its parts are views. */
export function decodeLiPdu(bytes: Uint8Array): Decoded<LiPdu> {
  if (bytes.length < liHeaderLengthMin) return failed('truncated', bytes.length);
  if (bytes[0] !== 0) return failed('bad-version', 0);
  const type = u16At(bytes, 2);
  if (type < 1 || type > 4) return failed('unsupported', 2);
  const headerLength = u32At(bytes, 4);
  if (headerLength < liHeaderLengthMin) return failed('bad-length', 4);
  if (headerLength + u32At(bytes, 8) !== bytes.length) return failed('bad-length', 8);
  const reader = new Reader(bytes, liHeaderLengthMin, headerLength);
  const attributes: Tlv[] = [];
  while (reader.remaining > 0 && reader.failure === undefined) {
    const attributeType = reader.u16();
    attributes.push({ type: attributeType, data: reader.view(reader.u16()) });
  }
  if (reader.failure !== undefined) return reader.failure;
  return decoded({
    type: type as LiPduType,
    format: u16At(bytes, 12),
    direction: u16At(bytes, 14),
    xid: bytes.subarray(xidAt, correlationAt),
    correlation: bytes.subarray(correlationAt, liHeaderLengthMin),
    attributes,
    payload: bytes.subarray(headerLength),
  });
}

/** Puts the PDUs of one connection together, however they are cut. */
export class LiPduStream {
  readonly #lengthMax: number;
  #rest: Uint8Array = nothing;

  constructor(lengthMax: number) {
    this.#lengthMax = lengthMax;
  }

  /** Whole PDUs that have come with these octets; undefined if they are none, and the connection is of no more use. */
  take(data: Uint8Array): Uint8Array[] | undefined {
    const bytes = new Uint8Array(this.#rest.length + data.length);
    bytes.set(this.#rest);
    bytes.set(data, this.#rest.length);
    const pdus: Uint8Array[] = [];
    let at = 0;
    for (;;) {
      const length = liPduLengthAt(bytes, at, bytes.length, this.#lengthMax);
      if (length < 0) return undefined;
      if (length === 0 || at + length > bytes.length) break;
      pdus.push(bytes.subarray(at, at + length));
      at += length;
    }
    this.#rest = bytes.subarray(at);
    return pdus;
  }
}
