import { formatIpv4, formatMac, type Ipv4Address, ipv4Of, type MacAddress, macOf } from '../../kernel/address.ts';
import { type Decoded, type DecodeFailure, decoded, failed } from '../bytes/decoded.ts';
import { u16At, u32At, u48At } from '../bytes/reader.ts';
import { find, findMalformed, type Tlv } from '../bytes/tlv.ts';
import { Writer } from '../bytes/writer.ts';
import { dhcpOption, dhcpOptionTable } from './options.ts';

/** UDP ports (RFC 2131 section 4.1). */
export const dhcpPort = { server: 67, client: 68 } as const;

/**
 * A DHCP message (RFC 2131 section 2) of an Ethernet client. A decoded message holds views of the received octets:
 * copy what outlives them.
 */
export interface DhcpMessage {
  readonly op: 'request' | 'reply';
  readonly hops: number;
  readonly transactionId: number;
  /** Seconds since the client began. */
  readonly secs: number;
  /** The client cannot receive unicast before it has an address. */
  readonly broadcast: boolean;
  /** ciaddr */
  readonly clientAddress: Ipv4Address;
  /** yiaddr */
  readonly yourAddress: Ipv4Address;
  /** siaddr */
  readonly serverAddress: Ipv4Address;
  /** giaddr */
  readonly relayAddress: Ipv4Address;
  /** chaddr */
  readonly clientMac: MacAddress;
  /** sname, at most 64 octets; empty where it carried options. */
  readonly serverName: Uint8Array;
  /** file, at most 128 octets; empty where it carried options. */
  readonly bootFile: Uint8Array;
  /** Joined (RFC 3396) and without Pad, End and Option Overload, which belong to the encoding. */
  readonly options: readonly Tlv[];
}

const fieldAt = {
  op: 0,
  hardwareType: 1,
  hardwareLength: 2,
  hops: 3,
  transactionId: 4,
  secs: 8,
  flags: 10,
  clientAddress: 12,
  yourAddress: 16,
  serverAddress: 20,
  relayAddress: 24,
  clientMac: 28,
  serverName: 44,
  bootFile: 108,
  magic: 236,
  options: 240,
} as const;

const serverNameLength = 64;
const bootFileLength = 128;
const chaddrPadding = 10;
const bootRequest = 1;
const bootReply = 2;
const ethernet = 1;
const ethernetAddressLength = 6;
const broadcastFlag = 0x8000;
const magicCookie = 0x63825363;
/** RFC 1542 section 2.1: BOOTP relay agents and clients may drop anything shorter. */
const messageLengthMin = 300;

const optionOctetsMax = 255;
const pad = 0;
const overload = 52;
const end = 255;
/** Option Overload values (RFC 2132 section 9.3) are these bits. */
const overloadBootFile = 1;
const overloadServerName = 2;

const noOctets = new Uint8Array(0);

/** Collects options from up to three fields and joins the parts of each. */
interface OptionScan {
  readonly options: Tlv[];
  /** One more than the place in `options` of the option of each type; 0 for none. */
  readonly places: Uint8Array;
  /** Further parts of options already in `options`, in order. */
  readonly laterParts: Tlv[];
  overload: number;
}

/**
 * Reads a message. Fails with `unsupported` for other hardware than Ethernet and for BOOTP without DHCP (no message
 * type), `bad-magic`, `bad-value` for a malformed option of the table, an unknown op or overload value, `truncated` for
 * a message or option that is cut short. A missing End option is accepted.
 */
export function decodeDhcp(bytes: Uint8Array): Decoded<DhcpMessage> {
  if (bytes.length < fieldAt.options) return failed('truncated', bytes.length);
  const op = bytes[fieldAt.op]!;
  if (op !== bootRequest && op !== bootReply) return failed('bad-value', fieldAt.op);
  if (bytes[fieldAt.hardwareType] !== ethernet) return failed('unsupported', fieldAt.hardwareType);
  if (bytes[fieldAt.hardwareLength] !== ethernetAddressLength) return failed('unsupported', fieldAt.hardwareLength);
  if (u32At(bytes, fieldAt.magic) !== magicCookie) return failed('bad-magic', fieldAt.magic);
  const scan: OptionScan = { options: [], places: new Uint8Array(256), laterParts: [], overload: 0 };
  const failure = scanAllOptions(bytes, scan);
  if (failure !== undefined) return failure;
  if (scan.laterParts.length > 0) joinParts(scan);
  if (scan.places[dhcpOption.messageType.type] === 0) return failed('unsupported', fieldAt.options);
  const malformed = findMalformed(scan.options, dhcpOptionTable);
  if (malformed !== undefined) return failed('bad-value', offsetOf(bytes, scan.options[malformed.index]!));
  return decoded({
    op: op === bootRequest ? 'request' : 'reply',
    hops: bytes[fieldAt.hops]!,
    transactionId: u32At(bytes, fieldAt.transactionId),
    secs: u16At(bytes, fieldAt.secs),
    broadcast: (u16At(bytes, fieldAt.flags) & broadcastFlag) !== 0,
    clientAddress: ipv4Of(u32At(bytes, fieldAt.clientAddress)),
    yourAddress: ipv4Of(u32At(bytes, fieldAt.yourAddress)),
    serverAddress: ipv4Of(u32At(bytes, fieldAt.serverAddress)),
    relayAddress: ipv4Of(u32At(bytes, fieldAt.relayAddress)),
    clientMac: macOf(u48At(bytes, fieldAt.clientMac)),
    serverName:
      (scan.overload & overloadServerName) !== 0 ? noOctets : textField(bytes, fieldAt.serverName, serverNameLength),
    bootFile: (scan.overload & overloadBootFile) !== 0 ? noOctets : textField(bytes, fieldAt.bootFile, bootFileLength),
    options: scan.options,
  });
}

/** The options field first, then file, then sname: the order in which parts are joined (RFC 3396 section 5). */
function scanAllOptions(bytes: Uint8Array, scan: OptionScan): DecodeFailure | undefined {
  let failure = scanOptions(bytes, fieldAt.options, bytes.length, scan);
  if (failure === undefined && (scan.overload & overloadBootFile) !== 0) {
    failure = scanOptions(bytes, fieldAt.bootFile, fieldAt.bootFile + bootFileLength, scan);
  }
  if (failure === undefined && (scan.overload & overloadServerName) !== 0) {
    failure = scanOptions(bytes, fieldAt.serverName, fieldAt.serverName + serverNameLength, scan);
  }
  return failure;
}

function scanOptions(bytes: Uint8Array, from: number, to: number, scan: OptionScan): DecodeFailure | undefined {
  for (let at = from; at < to && bytes[at] !== end; ) {
    const type = bytes[at]!;
    if (type === pad) {
      at += 1;
      continue;
    }
    const length = at + 1 < to ? bytes[at + 1]! : to;
    const next = at + 2 + length;
    if (next > to) return failed('truncated', at);
    const data = bytes.subarray(at + 2, next);
    if (type === overload) {
      // Only the options field says where more options are; an overload inside an overloaded field means nothing.
      if (length !== 1 || data[0]! < 1 || data[0]! > 3) return failed('bad-value', at);
      if (from === fieldAt.options) scan.overload = data[0]!;
    } else if (scan.places[type] === 0) {
      scan.places[type] = scan.options.push({ type, data });
    } else {
      scan.laterParts.push({ type, data });
    }
    at = next;
  }
  return undefined;
}

function joinParts(scan: OptionScan): void {
  const partsByType = new Map<number, Uint8Array[]>();
  for (const { type, data } of scan.laterParts) {
    const parts = partsByType.get(type);
    if (parts === undefined) partsByType.set(type, [scan.options[scan.places[type]! - 1]!.data, data]);
    else parts.push(data);
  }
  for (const [type, parts] of partsByType) {
    const joined = new Writer(parts.reduce((length, part) => length + part.length, 0));
    for (const part of parts) joined.raw(part);
    scan.options[scan.places[type]! - 1] = { type, data: joined.finish() };
  }
}

/** Where an option stands in the message; the start of the options for one that was joined. */
function offsetOf(bytes: Uint8Array, { data }: Tlv): number {
  return data.buffer === bytes.buffer ? data.byteOffset - bytes.byteOffset - 2 : fieldAt.options;
}

/** sname and file are NUL-terminated; a field of NULs is an empty one. */
function textField(bytes: Uint8Array, from: number, length: number): Uint8Array {
  return bytes[from] === 0 ? noOctets : bytes.subarray(from, from + length);
}

/**
 * Writes a message of at least 300 octets. Options keep their order, except that Relay Agent Information comes last
 * (RFC 3046 section 2.1); one longer than 255 octets is split (RFC 3396). Pad, End and Option Overload entries are left
 * out: they are this encoder's business. sname and file are cut at their length.
 */
export function encodeDhcp(message: DhcpMessage): Uint8Array {
  const writer = new Writer(576)
    .u8(message.op === 'request' ? bootRequest : bootReply)
    .u8(ethernet)
    .u8(ethernetAddressLength)
    .u8(message.hops)
    .u32(message.transactionId)
    .u16(message.secs)
    .u16(message.broadcast ? broadcastFlag : 0)
    .u32(message.clientAddress)
    .u32(message.yourAddress)
    .u32(message.serverAddress)
    .u32(message.relayAddress)
    .u48(message.clientMac)
    .zeros(chaddrPadding);
  writeField(writer, message.serverName, serverNameLength);
  writeField(writer, message.bootFile, bootFileLength);
  writer.u32(magicCookie);
  for (const entry of message.options) if (entry.type !== relayType) writeOption(writer, entry);
  for (const entry of message.options) if (entry.type === relayType) writeOption(writer, entry);
  writer.u8(end);
  if (writer.length < messageLengthMin) writer.zeros(messageLengthMin - writer.length);
  return writer.finish();
}

const relayType = dhcpOption.relayAgentInformation.type;

function writeField(writer: Writer, octets: Uint8Array, length: number): void {
  const kept = octets.length > length ? octets.subarray(0, length) : octets;
  writer.raw(kept).zeros(length - kept.length);
}

function writeOption(writer: Writer, { type, data }: Tlv): void {
  if (type === pad || type === end || type === overload) return;
  // Nearly every option is in one piece, and a view of a few octets costs more than writing them.
  if (data.length <= optionOctetsMax) {
    writer.u8(type).u8(data.length).raw(data);
    return;
  }
  for (let at = 0; at < data.length; at += optionOctetsMax) {
    const part = data.subarray(at, at + optionOctetsMax);
    writer.u8(type).u8(part.length).raw(part);
  }
}

/** One line such as `DHCPREQUEST 0x3903f326 02:00:00:00:00:01 requested 192.0.2.7`. */
export function describeDhcp(message: DhcpMessage): string {
  const type = find(message.options, dhcpOption.messageType);
  const parts = [
    type === undefined ? `BOOT${message.op.toUpperCase()}` : `DHCP${type.toUpperCase()}`,
    `0x${message.transactionId.toString(16).padStart(8, '0')}`,
    formatMac(message.clientMac),
  ];
  if (message.clientAddress !== 0) parts.push(`from ${formatIpv4(message.clientAddress)}`);
  if (message.yourAddress !== 0) parts.push(`gives ${formatIpv4(message.yourAddress)}`);
  const requested = find(message.options, dhcpOption.requestedAddress);
  if (requested !== undefined) parts.push(`requested ${formatIpv4(requested)}`);
  const server = find(message.options, dhcpOption.serverIdentifier);
  if (server !== undefined) parts.push(`server ${formatIpv4(server)}`);
  if (message.relayAddress !== 0) parts.push(`relay ${formatIpv4(message.relayAddress)}`);
  const reason = find(message.options, dhcpOption.message);
  if (reason !== undefined) parts.push(JSON.stringify(reason));
  return parts.join(' ');
}
