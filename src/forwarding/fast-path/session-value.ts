import { ipv4Of, type MacAddress, macOf } from '../../kernel/address.ts';
import { setU32, setU48, u32At, u48At } from '../../wire/bytes/reader.ts';
import type { FastPath, FastSession } from './fast-session.ts';
import { pathAt, pathKind, sessionAt, sessionOctets } from './layout.ts';

const u64Max = 2 ** 64;

/** Writes a session at `at` of `values`, 80 octets; the spin lock in it is zero, and the kernel leaves its own alone. */
export function writeFastSession(values: DataView, at: number, session: FastSession): void {
  const bytes = new Uint8Array(values.buffer, values.byteOffset + at, sessionOctets);
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
  values.setUint8(at + sessionAt.held_back, session.heldBack ? 1 : 0);
  values.setUint8(at + sessionAt.limited, session.limited ? 1 : 0);
  values.setUint8(at + sessionAt.uplink_list, session.uplinkList);
  values.setUint8(at + sessionAt.downlink_list, session.downlinkList);
}

function writePath(values: DataView, at: number, path: FastPath | undefined): void {
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
  const bytes = new Uint8Array(values.buffer, values.byteOffset + at, sessionOctets);
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
    heldBack: values.getUint8(at + sessionAt.held_back) !== 0,
  };
}

function readPath(values: DataView, at: number): FastPath | undefined {
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
