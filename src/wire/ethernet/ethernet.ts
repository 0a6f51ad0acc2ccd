import { type MacAddress, macOf } from '../../kernel/address.ts';
import { type Decoded, decoded, failed } from '../bytes/decoded.ts';
import { setU16, setU48, u16At, u48At } from '../bytes/reader.ts';

/** EtherTypes (IEEE 802 Numbers). `vlan` is the 802.1Q C-tag, `serviceVlan` the 802.1ad S-tag. */
export const etherType = { ipv4: 0x0800, arp: 0x0806, vlan: 0x8100, ipv6: 0x86dd, serviceVlan: 0x88a8 } as const;

/** Without a tag. */
export const ethernetHeaderLength = 14;
/** With one 802.1Q tag, the most this module reads or writes. */
export const ethernetHeaderLengthMax = 18;

/** Where the fields of an untagged header are; a tag sits at `etherType` and moves the EtherType behind it. */
export const ethernetOffset = {
  destination: 0,
  source: 6,
  etherType: 12,
  tagControl: 14,
  taggedEtherType: 16,
} as const;

const vlanMask = 0x0fff;
/** IEEE 802.1Q table 9-2: 0xfff is reserved and is never a VLAN identifier of a frame. */
const reservedVlan = 0x0fff;

export interface EthernetHeader {
  readonly destination: MacAddress;
  readonly source: MacAddress;
  /** The VLAN identifier (1..4094), or undefined for an untagged or only priority-tagged frame. */
  readonly vlan: number | undefined;
  readonly etherType: number;
  readonly headerLength: number;
}

/**
 * The length of the header at `at`, tag included, or 0 if there is no acceptable header: truncated, more than one tag
 * or a reserved VLAN identifier. `decodeEthernet` tells which. For the data path: it makes no object.
 */
export function ethernetHeaderLengthAt(bytes: Uint8Array, at: number, end: number): 0 | 14 | 18 {
  if (end - at < ethernetHeaderLength) return 0;
  const outer = u16At(bytes, at + ethernetOffset.etherType);
  if (outer === etherType.serviceVlan) return 0;
  if (outer !== etherType.vlan) return 14;
  if (end - at < ethernetHeaderLengthMax) return 0;
  const inner = u16At(bytes, at + ethernetOffset.taggedEtherType);
  if (inner === etherType.vlan || inner === etherType.serviceVlan) return 0;
  return (u16At(bytes, at + ethernetOffset.tagControl) & vlanMask) === reservedVlan ? 0 : 18;
}

/** The destination of the frame at `at`, whose header is known to be whole. */
export function ethernetDestinationAt(bytes: Uint8Array, at: number): MacAddress {
  return macOf(u48At(bytes, at + ethernetOffset.destination));
}

/** The source of the frame at `at`, whose header is known to be whole. */
export function ethernetSourceAt(bytes: Uint8Array, at: number): MacAddress {
  return macOf(u48At(bytes, at + ethernetOffset.source));
}

/** The VLAN identifier of a frame whose header length is known; undefined for untagged or priority-tagged. */
export function ethernetVlanAt(bytes: Uint8Array, at: number, headerLength: number): number | undefined {
  if (headerLength === ethernetHeaderLength) return undefined;
  const vlan = u16At(bytes, at + ethernetOffset.tagControl) & vlanMask;
  return vlan === 0 ? undefined : vlan;
}

/** The EtherType of the payload of a frame whose header length is known. */
export function etherTypeAt(bytes: Uint8Array, at: number, headerLength: number): number {
  return u16At(bytes, at + headerLength - 2);
}

/**
 * Reads the header at `offset`. Fails with `unsupported` for more than one tag or an S-tag, `bad-value` for the
 * reserved VLAN identifier 4095, `truncated` otherwise.
 */
export function decodeEthernet(bytes: Uint8Array, offset = 0, end = bytes.length): Decoded<EthernetHeader> {
  const headerLength = ethernetHeaderLengthAt(bytes, offset, end);
  if (headerLength === 0) return ethernetFailure(bytes, offset, end);
  return decoded({
    destination: ethernetDestinationAt(bytes, offset),
    source: ethernetSourceAt(bytes, offset),
    vlan: ethernetVlanAt(bytes, offset, headerLength),
    etherType: etherTypeAt(bytes, offset, headerLength),
    headerLength,
  });
}

function ethernetFailure(bytes: Uint8Array, offset: number, end: number): Decoded<EthernetHeader> {
  if (end - offset < ethernetHeaderLength) return failed('truncated', offset);
  const typeAt = offset + ethernetOffset.etherType;
  if (u16At(bytes, typeAt) === etherType.serviceVlan) return failed('unsupported', typeAt);
  if (end - offset < ethernetHeaderLengthMax) return failed('truncated', typeAt);
  const tagAt = offset + ethernetOffset.tagControl;
  if ((u16At(bytes, tagAt) & vlanMask) === reservedVlan) return failed('bad-value', tagAt);
  return failed('unsupported', offset + ethernetOffset.taggedEtherType);
}

/** The length of the header that `writeEthernet` writes. */
export function ethernetLength(vlan: number | undefined): number {
  return vlan === undefined ? ethernetHeaderLength : ethernetHeaderLengthMax;
}

/**
 * Writes a header at `at` and returns its length: 14 octets, or 18 with a VLAN.
 *
 * @param vlan the VLAN identifier (1..4094) of an 802.1Q tag of priority 0, or undefined for an untagged frame
 */
export function writeEthernet(
  bytes: Uint8Array,
  at: number,
  destination: MacAddress,
  source: MacAddress,
  vlan: number | undefined,
  type: number,
): number {
  setU48(bytes, at + ethernetOffset.destination, destination);
  setU48(bytes, at + ethernetOffset.source, source);
  if (vlan === undefined) {
    setU16(bytes, at + ethernetOffset.etherType, type);
    return ethernetHeaderLength;
  }
  setU16(bytes, at + ethernetOffset.etherType, etherType.vlan);
  setU16(bytes, at + ethernetOffset.tagControl, vlan & vlanMask);
  setU16(bytes, at + ethernetOffset.taggedEtherType, type);
  return ethernetHeaderLengthMax;
}

/** A whole frame: header and payload. */
export function encodeEthernet(
  header: Pick<EthernetHeader, 'destination' | 'source' | 'vlan' | 'etherType'>,
  payload: Uint8Array,
): Uint8Array {
  const frame = new Uint8Array(ethernetLength(header.vlan) + payload.length);
  const at = writeEthernet(frame, 0, header.destination, header.source, header.vlan, header.etherType);
  frame.set(payload, at);
  return frame;
}
