import { ipv4Of, type MacAddress, macOf } from '../../kernel/address.ts';
import { setU32, setU48, u32At, u48At } from '../../wire/bytes/reader.ts';
import type { FastAccessPath, FastSession } from './fast-session.ts';
import type { Place } from './home-place.ts';
import { pathAt, pathKind, sessionAt, sessionOctets, sessionValueOctets } from './layout.ts';

const u64Max = 2 ** 64;
/** `HELD_BACK` and `HELD_BACK_UNTOLD` of `struct session`. */
const heldBack = 1;
const untold = 2;

/** Writes a session at `at` of `values`, `sessionValueOctets` long, with version 0. */
export function writeFastSession(values: DataView, at: number, session: FastSession): void {
  const bytes = new Uint8Array(values.buffer, values.byteOffset + at, sessionValueOctets);
  bytes.fill(0);
  setU32(bytes, sessionAt.id, session.id);
  setU48(bytes, sessionAt.mac, session.mac);
  setU32(bytes, sessionAt.address, session.address);
  setU32(bytes, sessionAt.router, session.router);
  writePath(values, at + sessionAt.access, session.access);
  writePath(values, at + sessionAt.previous, session.previous);
  setU64(values, at + sessionAt.previous_until, session.previousUntil);
  setU32(bytes, sessionAt.lma, session.lma);
  setU32(bytes, sessionAt.lma_key, session.lmaKey);
  values.setUint16(at + sessionAt.lma_inner_mtu, session.lmaInnerMtu, true);
  values.setUint16(at + sessionAt.mss_max, session.mssMax, true);
  values.setUint8(at + sessionAt.held_back, (session.heldBack ? heldBack : 0) | (session.untold ? untold : 0));
  values.setUint8(at + sessionAt.limited, session.limited ? 1 : 0);
  values.setUint8(at + sessionAt.uplink_list, session.uplinkList);
  values.setUint8(at + sessionAt.downlink_list, session.downlinkList);
}

function writePath(values: DataView, at: number, path: FastAccessPath | undefined): void {
  if (path === undefined) return;
  values.setUint32(at + pathAt.peer, path.peer);
  values.setUint32(at + pathAt.key, path.key ?? 0);
  values.setUint16(at + pathAt.vlan, path.vlan ?? 0);
  values.setUint8(at + pathAt.kind, pathKind[path.kind]);
  values.setUint8(at + pathAt.has_key, path.key === undefined ? 0 : 1);
  values.setUint32(at + pathAt.inner_mtu, path.innerMtu, true);
}

/** Reads the session at `at`, as the gateway or the kernel has it; undefined for an empty place. */
export function readFastSession(values: DataView, at: number): FastSession | undefined {
  const bytes = new Uint8Array(values.buffer, values.byteOffset + at, sessionValueOctets);
  const id = u32At(bytes, sessionAt.id);
  if (id === 0) return undefined;
  return {
    id,
    mac: macOf(u48At(bytes, sessionAt.mac)),
    address: ipv4Of(u32At(bytes, sessionAt.address)),
    router: ipv4Of(u32At(bytes, sessionAt.router)),
    access: readPath(values, at + sessionAt.access),
    previous: readPath(values, at + sessionAt.previous),
    previousUntil: u64At(values, at + sessionAt.previous_until),
    lma: ipv4Of(u32At(bytes, sessionAt.lma)),
    lmaKey: u32At(bytes, sessionAt.lma_key),
    lmaInnerMtu: values.getUint16(at + sessionAt.lma_inner_mtu, true),
    mssMax: values.getUint16(at + sessionAt.mss_max, true),
    limited: values.getUint8(at + sessionAt.limited) !== 0,
    uplinkList: values.getUint8(at + sessionAt.uplink_list),
    downlinkList: values.getUint8(at + sessionAt.downlink_list),
    heldBack: (values.getUint8(at + sessionAt.held_back) & heldBack) !== 0,
    untold: (values.getUint8(at + sessionAt.held_back) & untold) !== 0,
  };
}

function readPath(values: DataView, at: number): FastAccessPath | undefined {
  const kind = values.getUint8(at + pathAt.kind);
  if (kind === pathKind.none) return undefined;
  const vlan = values.getUint16(at + pathAt.vlan);
  return {
    kind: kind === pathKind.eogre ? 'eogre' : 'pmipv6',
    peer: ipv4Of(values.getUint32(at + pathAt.peer)),
    key: values.getUint8(at + pathAt.has_key) === 0 ? undefined : values.getUint32(at + pathAt.key),
    vlan: vlan === 0 ? undefined : vlan,
    innerMtu: values.getUint32(at + pathAt.inner_mtu, true),
  };
}

/** Words of 32 bits. */
export const wordsOfSession = sessionOctets / 4;
const wordsOfValue = sessionValueOctets / 4;

/**
 * Replaces the session in a place of the kernel's memory, which packets read meanwhile: those that meet it half written go up. Its usage
 * stays. One writer at a time.
 *
 * @param words of the whole map
 * @param value of the session, aligned to four octets; all zero for none
 */
export function replaceSession(words: Int32Array, place: Place, value: Uint8Array): void {
  const at = place * wordsOfSession;
  const from = new Int32Array(value.buffer, value.byteOffset, wordsOfValue);
  const changing = Atomics.load(words, at) | 1;
  Atomics.store(words, at, changing);
  for (let word = 1; word < wordsOfValue; word += 1) Atomics.store(words, at + word, from[word]!);
  Atomics.store(words, at, changing + 1);
}

/** Whether a place of the kernel's memory has the session that `value` says, and nobody has stopped in the middle of writing it. */
export function hasSession(words: Int32Array, place: Place, value: Uint8Array): boolean {
  const at = place * wordsOfSession;
  const wanted = new Int32Array(value.buffer, value.byteOffset, wordsOfValue);
  if ((words[at]! & 1) !== 0) return false;
  for (let word = 1; word < wordsOfValue; word += 1) if (words[at + word] !== wanted[word]) return false;
  return true;
}

/** The identifier of the session at `at`; 0 for an empty place. */
export function fastSessionIdAt(values: DataView, at: number): number {
  return values.getUint32(at + sessionAt.id);
}

/** The MAC address of the session at `at`. */
export function fastSessionMacAt(values: DataView, at: number): MacAddress {
  return macOf(values.getUint16(at + sessionAt.mac) * 0x1_0000_0000 + values.getUint32(at + sessionAt.mac + 2));
}

/**
 * Reads an unsigned 64-bit number; above 2^53 it is rounded. Its halves are of one moment, even where the kernel counts
 * meanwhile: a number that only rises has them so if the upper one was the same before and after.
 */
export function u64At(values: DataView, at: number): number {
  for (let upper = values.getUint32(at + 4, true); ; ) {
    const lower = values.getUint32(at, true);
    const after = values.getUint32(at + 4, true);
    if (after === upper) return upper * 0x1_0000_0000 + lower;
    upper = after;
  }
}

/** Writes a whole number, the largest of 64 bits for anything above it, zero for anything below. */
function setU64(values: DataView, at: number, value: number): void {
  const fits = value < u64Max;
  const whole = Math.max(0, Math.floor(value));
  values.setUint32(at, fits ? whole % 0x1_0000_0000 : 0xffffffff, true);
  values.setUint32(at + 4, fits ? Math.floor(whole / 0x1_0000_0000) : 0xffffffff, true);
}
