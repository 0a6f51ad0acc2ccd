import { formatIpv6 } from '../../kernel/address.ts';
import { unreachable } from '../../kernel/unreachable.ts';
import { ipv6At } from '../bytes/address.ts';
import { type Decoded, type DecodeFailure, decoded, failed } from '../bytes/decoded.ts';
import { nameIn } from '../bytes/names.ts';
import { setU16, setU32, u16At, u32At } from '../bytes/reader.ts';
import type { Tlv } from '../bytes/tlv.ts';
import {
  bindingAcknowledgementFlag,
  bindingErrorStatus,
  bindingStatusName,
  bindingUpdateFlag,
  flagNames,
  mobilityHeaderType,
  revocationFlag,
  revocationStatus,
  revocationTrigger,
} from './constants.ts';
import { mobilityOptionByType } from './options.ts';

/**
 * A Mobility Header as PMIPv6 carries it in UDP over IPv4 (RFC 5844 section 4), without the UDP header.
 *
 *     | Payload Proto | Header Len |   MH Type   |  Reserved  |    Payload Proto 59; Header Len in units of 8 octets,
 *     |          Checksum          |  message data ...        |    not counting the first 8
 *     |  mobility options ...                                 |
 *
 * The options are those of the message in order, without padding: encoding aligns them again. Their data are views of
 * the decoded octets: copy what outlives them.
 */
export type MobilityMessage =
  | ProxyBindingUpdate
  | ProxyBindingAcknowledgement
  | BindingRevocationIndication
  | BindingRevocationAcknowledgement
  | Heartbeat
  | BindingError;

/** RFC 6275 section 6.1.7, RFC 5213 section 8.1. Whether the P flag is set is for the receiver to check. */
export interface ProxyBindingUpdate {
  readonly kind: 'proxyBindingUpdate';
  readonly sequence: number;
  /** Bits of `bindingUpdateFlag`. */
  readonly flags: number;
  /** 0 deregisters. The wire counts 4 s: encoding rounds up, to 262,140 s at most. */
  readonly lifetimeSeconds: number;
  readonly options: readonly Tlv[];
}

/** RFC 6275 section 6.1.8, RFC 5213 section 8.2. */
export interface ProxyBindingAcknowledgement {
  readonly kind: 'proxyBindingAcknowledgement';
  /** One of `bindingStatus`; 128 and above reject. */
  readonly status: number;
  /** Bits of `bindingAcknowledgementFlag`. */
  readonly flags: number;
  readonly sequence: number;
  readonly lifetimeSeconds: number;
  readonly options: readonly Tlv[];
}

/** RFC 5846 section 5.1. */
export interface BindingRevocationIndication {
  readonly kind: 'bindingRevocationIndication';
  /** One of `revocationTrigger`. */
  readonly trigger: number;
  readonly sequence: number;
  /** Bits of `revocationFlag`. */
  readonly flags: number;
  readonly options: readonly Tlv[];
}

/** RFC 5846 section 5.2. */
export interface BindingRevocationAcknowledgement {
  readonly kind: 'bindingRevocationAcknowledgement';
  /** One of `revocationStatus`; 128 and above reject. */
  readonly status: number;
  readonly sequence: number;
  readonly flags: number;
  readonly options: readonly Tlv[];
}

/** RFC 5847 section 3.1. */
export interface Heartbeat {
  readonly kind: 'heartbeat';
  readonly response: boolean;
  /** A response that answers no request: its sender has restarted. */
  readonly unsolicited: boolean;
  /** 32 bits. */
  readonly sequence: number;
  readonly options: readonly Tlv[];
}

/** RFC 6275 section 6.1.9. */
export interface BindingError {
  readonly kind: 'bindingError';
  /** One of `bindingErrorStatus`. */
  readonly status: number;
  /** 16 octets. */
  readonly homeAddress: Uint8Array;
  readonly options: readonly Tlv[];
}

const noNextHeader = 59;
const pad1 = 0;
const padN = 1;
const lifetimeUnitSeconds = 4;
/** B.R. Type of a Binding Revocation (RFC 5846 section 5). */
const revocationIndication = 1;
const revocationAcknowledgement = 2;
const heartbeatResponse = 0x0001;
const heartbeatUnsolicited = 0x0002;
const mobilityLengthMax = 256 * 8;

/** The longest lifetime that a binding message can carry. */
export const lifetimeSecondsMax = 0xffff * lifetimeUnitSeconds;

/**
 * Reads one Mobility Header, which must fill `bytes`.
 *
 * Fails with `truncated` and `bad-length` where lengths contradict each other, `bad-value` for another payload protocol
 * than 59 (RFC 6275 section 6.1.1) and for a known option that its table calls malformed or repeated, `unsupported` for
 * an MH Type (offset 2) or B.R. Type (offset 6) that is not among the messages above.
 *
 * The checksum is not looked at: RFC 6275 defines it over an IPv6 pseudo-header, which a message over IPv4 does not
 * have, implementations differ in what they send instead, and the checksum of UDP covers the message.
 */
export function decodeMobility(bytes: Uint8Array): Decoded<MobilityMessage> {
  if (bytes.length < 8) return failed('truncated', bytes.length);
  if (bytes[0] !== noNextHeader) return failed('bad-value', 0);
  const length = (bytes[1]! + 1) * 8;
  if (length > bytes.length) return failed('truncated', bytes.length);
  if (length < bytes.length) return failed('bad-length', 1);
  switch (bytes[2]) {
    case mobilityHeaderType.bindingUpdate:
      return decodeBindingUpdate(bytes);
    case mobilityHeaderType.bindingAcknowledgement:
      return decodeBindingAcknowledgement(bytes);
    case mobilityHeaderType.bindingRevocation:
      return decodeRevocation(bytes);
    case mobilityHeaderType.heartbeat:
      return decodeHeartbeat(bytes);
    case mobilityHeaderType.bindingError:
      return decodeBindingError(bytes);
    default:
      return failed('unsupported', 2);
  }
}

function decodeBindingUpdate(bytes: Uint8Array): Decoded<MobilityMessage> {
  if (bytes.length < 16) return failed('bad-length', 1);
  const options = decodeOptions(bytes, 12);
  if ('ok' in options) return options;
  return decoded({
    kind: 'proxyBindingUpdate',
    sequence: u16At(bytes, 6),
    flags: u16At(bytes, 8),
    lifetimeSeconds: u16At(bytes, 10) * lifetimeUnitSeconds,
    options,
  });
}

function decodeBindingAcknowledgement(bytes: Uint8Array): Decoded<MobilityMessage> {
  if (bytes.length < 16) return failed('bad-length', 1);
  const options = decodeOptions(bytes, 12);
  if ('ok' in options) return options;
  return decoded({
    kind: 'proxyBindingAcknowledgement',
    status: bytes[6]!,
    flags: bytes[7]!,
    sequence: u16At(bytes, 8),
    lifetimeSeconds: u16At(bytes, 10) * lifetimeUnitSeconds,
    options,
  });
}

function decodeRevocation(bytes: Uint8Array): Decoded<MobilityMessage> {
  if (bytes.length < 16) return failed('bad-length', 1);
  const type = bytes[6]!;
  if (type !== revocationIndication && type !== revocationAcknowledgement) return failed('unsupported', 6);
  const options = decodeOptions(bytes, 12);
  if ('ok' in options) return options;
  const code = bytes[7]!;
  const sequence = u16At(bytes, 8);
  const flags = u16At(bytes, 10);
  return type === revocationIndication
    ? decoded({ kind: 'bindingRevocationIndication', trigger: code, sequence, flags, options })
    : decoded({ kind: 'bindingRevocationAcknowledgement', status: code, sequence, flags, options });
}

function decodeHeartbeat(bytes: Uint8Array): Decoded<MobilityMessage> {
  if (bytes.length < 16) return failed('bad-length', 1);
  const options = decodeOptions(bytes, 12);
  if ('ok' in options) return options;
  const flags = u16At(bytes, 6);
  return decoded({
    kind: 'heartbeat',
    response: (flags & heartbeatResponse) !== 0,
    unsolicited: (flags & heartbeatUnsolicited) !== 0,
    sequence: u32At(bytes, 8),
    options,
  });
}

function decodeBindingError(bytes: Uint8Array): Decoded<MobilityMessage> {
  if (bytes.length < 24) return failed('bad-length', 1);
  const options = decodeOptions(bytes, 24);
  if ('ok' in options) return options;
  return decoded({ kind: 'bindingError', status: bytes[6]!, homeAddress: bytes.subarray(8, 24), options });
}

/** The options from `at` to the end, each known one well-formed and not repeated beyond its rule. */
function decodeOptions(bytes: Uint8Array, at: number): Tlv[] | DecodeFailure {
  const options: Tlv[] = [];
  let seenLow = 0;
  let seenHigh = 0;
  let end = at;
  for (; at < bytes.length; at = end) {
    const type = bytes[at]!;
    end = at + 1;
    if (type === pad1) continue;
    if (at + 2 > bytes.length) return failed('truncated', at);
    end = at + 2 + bytes[at + 1]!;
    if (end > bytes.length) return failed('truncated', at);
    if (type === padN) continue;
    const data = bytes.subarray(at + 2, end);
    const codec = mobilityOptionByType[type];
    if (codec !== undefined && !codec.valid(data)) return failed('bad-value', at);
    if (codec?.occurrence === 'one') {
      // Every option of the table has a number below 64.
      const bit = 1 << (type & 31);
      const seen = type < 32 ? seenLow : seenHigh;
      if ((seen & bit) !== 0) return failed('bad-value', at);
      if (type < 32) seenLow |= bit;
      else seenHigh |= bit;
    }
    options.push({ type, data });
  }
  return options;
}

/**
 * Writes one Mobility Header, padded to a multiple of 8 octets.
 *
 * The checksum is the Internet checksum of the header itself, as if the pseudo-header of RFC 6275 section 6.1.1 were all
 * zero; see `decodeMobility` for why receivers cannot rely on it. Throws RangeError if the options need more than the
 * 2048 octets of a Mobility Header or if one has more than 255 octets of data: no value of the option table does.
 */
export function encodeMobility(message: MobilityMessage): Uint8Array {
  const headLength = message.kind === 'bindingError' ? 24 : 12;
  const length = (encodedOptionsEnd(message.options, headLength) + 7) & ~7;
  if (length > mobilityLengthMax) throw new RangeError(`mobility header of ${length} octets`);
  const bytes = new Uint8Array(length);
  bytes[0] = noNextHeader;
  bytes[1] = length / 8 - 1;
  writeHead(bytes, message);
  writeOptions(bytes, message.options, headLength);
  setU16(bytes, 4, checksumOf(bytes));
  return bytes;
}

function writeHead(bytes: Uint8Array, message: MobilityMessage): void {
  switch (message.kind) {
    case 'proxyBindingUpdate':
      bytes[2] = mobilityHeaderType.bindingUpdate;
      setU16(bytes, 6, message.sequence);
      setU16(bytes, 8, message.flags);
      setU16(bytes, 10, lifetimeUnits(message.lifetimeSeconds));
      return;
    case 'proxyBindingAcknowledgement':
      bytes[2] = mobilityHeaderType.bindingAcknowledgement;
      bytes[6] = message.status;
      bytes[7] = message.flags;
      setU16(bytes, 8, message.sequence);
      setU16(bytes, 10, lifetimeUnits(message.lifetimeSeconds));
      return;
    case 'bindingRevocationIndication':
      bytes[2] = mobilityHeaderType.bindingRevocation;
      bytes[6] = revocationIndication;
      bytes[7] = message.trigger;
      setU16(bytes, 8, message.sequence);
      setU16(bytes, 10, message.flags);
      return;
    case 'bindingRevocationAcknowledgement':
      bytes[2] = mobilityHeaderType.bindingRevocation;
      bytes[6] = revocationAcknowledgement;
      bytes[7] = message.status;
      setU16(bytes, 8, message.sequence);
      setU16(bytes, 10, message.flags);
      return;
    case 'heartbeat':
      bytes[2] = mobilityHeaderType.heartbeat;
      bytes[7] = (message.response ? heartbeatResponse : 0) | (message.unsolicited ? heartbeatUnsolicited : 0);
      setU32(bytes, 8, message.sequence);
      return;
    case 'bindingError':
      bytes[2] = mobilityHeaderType.bindingError;
      bytes[6] = message.status;
      bytes.set(message.homeAddress.subarray(0, 16), 8);
      return;
    default:
      unreachable(message);
  }
}

function lifetimeUnits(lifetimeSeconds: number): number {
  return Math.min(Math.max(Math.ceil(lifetimeSeconds / lifetimeUnitSeconds), 0), 0xffff);
}

/** The octets of padding that bring an option of this type to its alignment. */
function paddingBefore(type: number, at: number): number {
  const align = mobilityOptionByType[type]?.align;
  // n is a power of two, so the mask also brings a negative difference into range.
  return align === undefined ? 0 : (align.offset - at) & (align.n - 1);
}

function encodedOptionsEnd(options: readonly Tlv[], start: number): number {
  let at = start;
  for (const { type, data } of options) {
    if (data.length > 255) throw new RangeError(`mobility option ${type} with ${data.length} octets`);
    at += paddingBefore(type, at) + 2 + data.length;
  }
  return at;
}

function writeOptions(bytes: Uint8Array, options: readonly Tlv[], start: number): void {
  let at = start;
  for (const { type, data } of options) {
    const padding = paddingBefore(type, at);
    writePadding(bytes, at, padding);
    at += padding;
    bytes[at] = type;
    bytes[at + 1] = data.length;
    bytes.set(data, at + 2);
    at += 2 + data.length;
  }
  writePadding(bytes, at, bytes.length - at);
}

/** Pad1 for one octet, PadN for more (RFC 6275 sections 6.2.2 and 6.2.3), into octets that are zero. */
function writePadding(bytes: Uint8Array, at: number, length: number): void {
  if (length < 2) return;
  bytes[at] = padN;
  bytes[at + 1] = length - 2;
}

function checksumOf(bytes: Uint8Array): number {
  let sum = 0;
  for (let at = 0; at < bytes.length; at += 2) sum += (bytes[at]! << 8) | bytes[at + 1]!;
  sum = (sum & 0xffff) + (sum >>> 16);
  return ~(sum + (sum >>> 16)) & 0xffff;
}

/** One line for logs and monitoring. */
export function describeMobility(message: MobilityMessage): string {
  const options = message.options.map(describeOption).join(', ');
  return options === '' ? describeHead(message) : `${describeHead(message)} [${options}]`;
}

function describeHead(message: MobilityMessage): string {
  switch (message.kind) {
    case 'proxyBindingUpdate': {
      const flags = flagNames(bindingUpdateFlag, message.flags);
      return `PBU sequence ${message.sequence} lifetime ${message.lifetimeSeconds} s flags ${flags}`;
    }
    case 'proxyBindingAcknowledgement': {
      const status = `${message.status} ${bindingStatusName(message.status)}`;
      const flags = flagNames(bindingAcknowledgementFlag, message.flags);
      return `PBA status ${status} sequence ${message.sequence} lifetime ${message.lifetimeSeconds} s flags ${flags}`;
    }
    case 'bindingRevocationIndication': {
      const trigger = `${message.trigger} ${nameIn(revocationTrigger, message.trigger)}`;
      return `BRI trigger ${trigger} sequence ${message.sequence} flags ${flagNames(revocationFlag, message.flags)}`;
    }
    case 'bindingRevocationAcknowledgement': {
      const status = `${message.status} ${nameIn(revocationStatus, message.status)}`;
      return `BRA status ${status} sequence ${message.sequence} flags ${flagNames(revocationFlag, message.flags)}`;
    }
    case 'heartbeat': {
      const unsolicited = message.unsolicited ? 'unsolicited ' : '';
      return `Heartbeat ${unsolicited}${message.response ? 'response' : 'request'} sequence ${message.sequence}`;
    }
    case 'bindingError': {
      const status = `${message.status} ${nameIn(bindingErrorStatus, message.status)}`;
      return `Binding Error status ${status} home address ${formatIpv6(ipv6At(message.homeAddress, 0))}`;
    }
    default:
      return unreachable(message);
  }
}

function describeOption(option: Tlv): string {
  const codec = mobilityOptionByType[option.type];
  const value = codec?.decode(option.data);
  if (codec === undefined || value === undefined) return `option ${option.type} of ${option.data.length} octets`;
  return `${codec.name} ${codec.describe(value)}`;
}
