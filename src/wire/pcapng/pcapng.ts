import { type Ipv4Address, ipv4Of } from '../../kernel/address.ts';
import { type Decoded, decoded, failed } from '../bytes/decoded.ts';
import { u16At, u32At } from '../bytes/reader.ts';
import { utf8Decode, utf8Encode } from '../bytes/text.ts';
import { Writer } from '../bytes/writer.ts';

/** Where packets of a capture were seen. */
export interface CaptureInterface {
  readonly name: string;
  readonly description: string;
}

export interface CapturedPacket {
  /** Place in the capture's `interfaces`. */
  readonly interface: number;
  /** Since 1970, UTC. */
  readonly epochMicroseconds: number;
  /** Undefined where it is not known. */
  readonly direction: 'received' | 'sent' | undefined;
  readonly octets: Uint8Array;
  /** One text each. */
  readonly comments: readonly string[];
}

/** One section of a capture file, of IPv4 packets. */
export interface Capture {
  /** What wrote it. */
  readonly application: string;
  readonly comment: string;
  readonly interfaces: readonly CaptureInterface[];
  /** Names for addresses. */
  readonly names: readonly { readonly address: Ipv4Address; readonly name: string }[];
  readonly packets: readonly CapturedPacket[];
}

/** draft-ietf-opsawg-pcapng, section 4. */
const blockType = { section: 0x0a0d0d0a, interface: 1, names: 4, packet: 6 } as const;
const byteOrderMagic = 0x1a2b3c4d;
const option = {
  end: 0,
  comment: 1,
  application: 4,
  interfaceName: 2,
  interfaceDescription: 3,
  flags: 2,
  resolution: 9,
} as const;
const nameRecord = { end: 0, ipv4: 1 } as const;
/** The registry of link types: IPv4 packets, without anything before them. */
const linkTypeIpv4 = 228;
const inbound = 1;
const outbound = 2;
const word32 = 0x100000000;

/** Writes a file of one section, big-endian, times in microseconds. */
export function encodeCapture({ application, comment, interfaces, names, packets }: Capture): Uint8Array {
  const file = new Writer(4096);
  block(file, blockType.section, (body) => {
    // The length of the section is not said: all ones.
    body.u32(byteOrderMagic).u16(1).u16(0).u32(0xffffffff).u32(0xffffffff);
    options(body, [
      [option.comment, comment],
      [option.application, application],
    ]);
  });
  for (const { name, description } of interfaces) {
    block(file, blockType.interface, (body) => {
      body.u16(linkTypeIpv4).u16(0).u32(0);
      options(body, [
        [option.interfaceName, name],
        [option.interfaceDescription, description],
      ]);
    });
  }
  if (names.length > 0) block(file, blockType.names, (body) => writeNames(body, names));
  for (const packet of packets) block(file, blockType.packet, (body) => writePacket(body, packet));
  return file.finish();
}

function writeNames(body: Writer, names: Capture['names']): void {
  for (const { address, name } of names) {
    const text = utf8Encode(name);
    body.u16(nameRecord.ipv4).u16(5 + text.length);
    padded(body, new Writer().u32(address).raw(text).u8(0).finish());
  }
  body.u16(nameRecord.end).u16(0);
}

function writePacket(
  body: Writer,
  { interface: place, epochMicroseconds, direction, octets, comments }: CapturedPacket,
) {
  body.u32(place);
  body.u32(Math.floor(epochMicroseconds / word32)).u32(Math.floor(epochMicroseconds) % word32);
  body.u32(octets.length).u32(octets.length);
  padded(body, octets);
  const flags =
    direction === undefined ? [] : [new Writer().u32(direction === 'received' ? inbound : outbound).finish()];
  options(body, [
    ...flags.map((value) => [option.flags, value] as const),
    ...comments.map((text) => [option.comment, text] as const),
  ]);
}

/** Its length stands before and behind what it has. */
function block(file: Writer, type: number, write: (body: Writer) => void): void {
  const body = new Writer();
  write(body);
  const length = body.length + 12;
  file.u32(type).u32(length).raw(body.finish()).u32(length);
}

const optionOctetsMax = 0xffff;

function options(body: Writer, values: readonly (readonly [number, string | Uint8Array])[]): void {
  for (const [code, value] of values) {
    if (value.length === 0) continue;
    const octets = typeof value === 'string' ? utf8Encode(value).subarray(0, optionOctetsMax) : value;
    body.u16(code).u16(octets.length);
    padded(body, octets);
  }
  body.u16(option.end).u16(0);
}

/** To a multiple of four octets. */
function padded(body: Writer, octets: Uint8Array): void {
  body.raw(octets).zeros(-octets.length & 3);
}

/** Octets of a section in its byte order. */
interface Section {
  readonly bytes: Uint8Array;
  u16(at: number): number;
  u32(at: number): number;
}

interface ReadInterface extends CaptureInterface {
  readonly unitsPerSecond: number;
}

/**
 * Reads a capture file: its packets of IPv4 in the order in which they stand, from all of its sections, of either byte order. Blocks of
 * other kinds and packets of other links are left out. Fails with `bad-magic` for what is no such file, `truncated` or
 * `bad-length` where a block is not whole.
 */
export function decodeCapture(bytes: Uint8Array): Decoded<Capture> {
  let section: Section | undefined;
  let firstOfSection = 0;
  const capture = { application: '', comment: '', names: [] as { address: Ipv4Address; name: string }[] };
  const interfaces: (ReadInterface | undefined)[] = [];
  const packets: CapturedPacket[] = [];
  for (let at = 0; at < bytes.length; ) {
    if (bytes.length - at < 12) return failed('truncated', at);
    if (u32At(bytes, at) === blockType.section) {
      section = sectionAt(bytes, at);
      firstOfSection = interfaces.length;
    }
    if (section === undefined) return failed('bad-magic', at);
    const length = section.u32(at + 4);
    if (length < 12 || length % 4 !== 0) return failed('bad-length', at + 4);
    if (at + length > bytes.length) return failed('truncated', at);
    const [from, end] = [at + 8, at + length - 4];
    const type = section.u32(at);
    if (type === blockType.section && end - from >= 16) {
      Object.assign(capture, textsOf(section, from, end));
    } else if (type === blockType.interface && end - from >= 8) {
      interfaces.push(section.u16(from) === linkTypeIpv4 ? interfaceOf(section, from, end) : undefined);
    } else if (type === blockType.names) {
      capture.names.push(...namesOf(section, from, end));
    } else if (type === blockType.packet && end - from >= 20) {
      const place = firstOfSection + section.u32(from);
      const of = interfaces[place];
      const packet = of === undefined ? undefined : packetOf(section, from, end, place, of.unitsPerSecond);
      if (packet !== undefined) packets.push(packet);
    }
    at += length;
  }
  if (section === undefined) return failed('bad-magic', 0);
  const named = interfaces.map((one) => ({ name: one?.name ?? '', description: one?.description ?? '' }));
  return decoded({ ...capture, interfaces: named, packets });
}

function sectionAt(bytes: Uint8Array, at: number): Section | undefined {
  const magic = u32At(bytes, at + 8);
  if (magic === byteOrderMagic)
    return { bytes, u16: (place) => u16At(bytes, place), u32: (place) => u32At(bytes, place) };
  if (magic !== 0x4d3c2b1a) return undefined;
  const u16 = (place: number): number => bytes[place]! + bytes[place + 1]! * 256;
  return { bytes, u16, u32: (place) => u16(place) + u16(place + 2) * 0x10000 };
}

function optionsOf({ bytes, u16 }: Section, from: number, end: number): (readonly [number, Uint8Array])[] {
  const found: (readonly [number, Uint8Array])[] = [];
  for (let at = from; at + 4 <= end; ) {
    const code = u16(at);
    const length = u16(at + 2);
    if (code === option.end || at + 4 + length > end) break;
    found.push([code, bytes.subarray(at + 4, at + 4 + length)]);
    at += 4 + length + (-length & 3);
  }
  return found;
}

/** What a section says of the whole capture; of a later section only what it says replaces that of a former one. */
function textsOf(section: Section, from: number, end: number): { application?: string; comment?: string } {
  const texts: { application?: string; comment?: string } = {};
  for (const [code, value] of optionsOf(section, from + 16, end)) {
    if (code === option.comment) texts.comment = utf8Decode(value);
    if (code === option.application) texts.application = utf8Decode(value);
  }
  return texts;
}

function interfaceOf(section: Section, from: number, end: number): ReadInterface {
  const found = { name: '', description: '', unitsPerSecond: 1_000_000 };
  for (const [code, value] of optionsOf(section, from + 8, end)) {
    if (code === option.interfaceName) found.name = utf8Decode(value);
    if (code === option.interfaceDescription) found.description = utf8Decode(value);
    if (code !== option.resolution || value.length < 1) continue;
    // The most significant bit tells powers of two from powers of ten.
    found.unitsPerSecond = value[0]! >= 0x80 ? 2 ** (value[0]! & 0x7f) : 10 ** value[0]!;
  }
  return found;
}

function namesOf({ bytes, u16 }: Section, from: number, end: number): { address: Ipv4Address; name: string }[] {
  const found: { address: Ipv4Address; name: string }[] = [];
  for (let at = from; at + 4 <= end; ) {
    const type = u16(at);
    const length = u16(at + 2);
    if (type === nameRecord.end || at + 4 + length > end) break;
    const text = utf8Decode(bytes.subarray(at + 8, at + 4 + length)).split('\0')[0]!;
    // An address is in network order, whatever the section's.
    if (type === nameRecord.ipv4 && length > 4) found.push({ address: ipv4Of(u32At(bytes, at + 4)), name: text });
    at += 4 + length + (-length & 3);
  }
  return found;
}

function packetOf(
  section: Section,
  from: number,
  end: number,
  place: number,
  unitsPerSecond: number,
): CapturedPacket | undefined {
  const { u32, bytes } = section;
  const length = u32(from + 12);
  if (from + 20 + length > end) return undefined;
  const found = optionsOf(section, from + 20 + length + (-length & 3), end);
  const flags = found.find(([code, value]) => code === option.flags && value.length === 4)?.[1];
  const way = flags === undefined ? 0 : section.u32(flags.byteOffset - bytes.byteOffset) & 3;
  const units = u32(from + 4) * word32 + u32(from + 8);
  return {
    interface: place,
    epochMicroseconds: unitsPerSecond === 1_000_000 ? units : Math.floor((units / unitsPerSecond) * 1_000_000),
    direction: way === inbound ? 'received' : way === outbound ? 'sent' : undefined,
    octets: bytes.slice(from + 20, from + 20 + length),
    comments: found.flatMap(([code, value]) => (code === option.comment ? [utf8Decode(value)] : [])),
  };
}
