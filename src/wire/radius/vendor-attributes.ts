import { cut } from '../bytes/cut.ts';
import { setU16, setU32, u16At, u32At } from '../bytes/reader.ts';
import type { Tlv } from '../bytes/tlv.ts';
import { radiusVendor } from './constants.ts';
import { attributeOctetsMax, integer, octet, octets, type RadiusValue, text } from './values.ts';

/**
 * Attributes inside Vendor-Specific (RFC 2865 section 5.26): the vendor's number, then its own attributes. Most vendors
 * give type and length one octet each; Starent gives them two.
 */
export interface VendorAttribute<T> {
  readonly vendor: number;
  readonly type: number;
  readonly name: string;
  readonly value: RadiusValue<T>;
  /** Octets of type and of length. */
  readonly format: '1,1' | '2,2';
}

const vendorSpecific = 26;
const vendorOctets = 4;

export function vendorAttribute<T>(
  vendor: number,
  type: number,
  name: string,
  value: RadiusValue<T>,
  format: '1,1' | '2,2' = '1,1',
): VendorAttribute<T> {
  return { vendor, type, name, value, format };
}

/** The first readable value of a vendor's attribute, in any of the packet's Vendor-Specific attributes. */
export function findVendor<T>(attributes: readonly Tlv[], codec: VendorAttribute<T>): T | undefined {
  for (const attribute of attributes) {
    const value = firstIn(attribute, codec);
    if (value !== undefined) return value;
  }
  return undefined;
}

/** All values of a vendor's attribute, in order. */
export function findAllVendor<T>(attributes: readonly Tlv[], codec: VendorAttribute<T>): T[] {
  const values: T[] = [];
  for (const attribute of attributes) {
    for (const data of dataIn(attribute, codec)) {
      const value = codec.value.decode(data);
      if (value !== undefined) values.push(value);
    }
  }
  return values;
}

/** A Vendor-Specific attribute with this one value, cut to what an attribute can hold. */
export function vendorTlv<T>(codec: VendorAttribute<T>, value: T): Tlv {
  const head = headOctets(codec);
  const body = cut(codec.value.encode(value), attributeOctetsMax - vendorOctets - head);
  const data = new Uint8Array(vendorOctets + head + body.length);
  setU32(data, 0, codec.vendor);
  if (codec.format === '1,1') {
    data[4] = codec.type;
    data[5] = head + body.length;
  } else {
    setU16(data, 4, codec.type);
    setU16(data, 6, head + body.length);
  }
  data.set(body, vendorOctets + head);
  return { type: vendorSpecific, data };
}

function headOctets(codec: VendorAttribute<unknown>): number {
  return codec.format === '1,1' ? 2 : 4;
}

function firstIn<T>(attribute: Tlv, codec: VendorAttribute<T>): T | undefined {
  for (const data of dataIn(attribute, codec)) {
    const value = codec.value.decode(data);
    if (value !== undefined) return value;
  }
  return undefined;
}

/** The data of every occurrence inside one attribute; what follows a wrong length is not looked at. */
function dataIn(attribute: Tlv, codec: VendorAttribute<unknown>): Uint8Array[] {
  const found: Uint8Array[] = [];
  const { type, data } = attribute;
  if (type !== vendorSpecific || data.length < vendorOctets || u32At(data, 0) !== codec.vendor) return found;
  const head = headOctets(codec);
  let at = vendorOctets;
  while (at + head <= data.length) {
    const subType = head === 2 ? data[at]! : u16At(data, at);
    const length = head === 2 ? data[at + 1]! : u16At(data, at + 2);
    if (length < head || at + length > data.length) break;
    if (subType === codec.type) found.push(data.subarray(at + head, at + length));
    at += length;
  }
  return found;
}

/** 3GPP TS 29.061 section 16.4.7. */
export const threeGppAttribute = {
  imsi: vendorAttribute(radiusVendor.threeGpp, 1, '3GPP-IMSI', text),
  chargingId: vendorAttribute(radiusVendor.threeGpp, 2, '3GPP-Charging-ID', integer),
  /** One character, `0`..`3`. */
  selectionMode: vendorAttribute(radiusVendor.threeGpp, 12, '3GPP-Selection-Mode', text),
  /** Four hexadecimal digits. */
  chargingCharacteristics: vendorAttribute(radiusVendor.threeGpp, 13, '3GPP-Charging-Characteristics', text),
  imeisv: vendorAttribute(radiusVendor.threeGpp, 20, '3GPP-IMEISV', text),
  /** 3 is WLAN. */
  ratType: vendorAttribute(radiusVendor.threeGpp, 21, '3GPP-RAT-Type', octet),
} as const;

/** The Starent dictionary; type and length have two octets each. */
export const starentAttribute = {
  vpnId: vendorAttribute(radiusVendor.starent, 1, 'SN-VPN-ID', integer, '2,2'),
  vpnName: vendorAttribute(radiusVendor.starent, 2, 'SN-VPN-Name', text, '2,2'),
  disconnectReason: vendorAttribute(radiusVendor.starent, 3, 'SN-Disconnect-Reason', integer, '2,2'),
  ipPoolName: vendorAttribute(radiusVendor.starent, 8, 'SN-IP-Pool-Name', text, '2,2'),
  apnName: vendorAttribute(radiusVendor.starent, 162, 'SN-Rad-APN-Name', text, '2,2'),
  callId: vendorAttribute(radiusVendor.starent, 251, 'SN-Call-Id', integer, '2,2'),
  imsi: vendorAttribute(radiusVendor.starent, 252, 'SN-IMSI', octets, '2,2'),
  handoffIndicator: vendorAttribute(radiusVendor.starent, 310, 'SN-Handoff-Indicator', integer, '2,2'),
  wlanApIdentifier: vendorAttribute(radiusVendor.starent, 319, 'SN-WLAN-AP-Identifier', octets, '2,2'),
  wlanUeIdentifier: vendorAttribute(radiusVendor.starent, 320, 'SN-WLAN-UE-Identifier', octets, '2,2'),
} as const;

/** RFC 4679 sections 3.3.1 and 3.3.2: DHCP option 82 as RADIUS carries it. */
export const dslForumAttribute = {
  agentCircuitId: vendorAttribute(radiusVendor.dslForum, 1, 'Agent-Circuit-Id', text),
  agentRemoteId: vendorAttribute(radiusVendor.dslForum, 2, 'Agent-Remote-Id', text),
} as const;

/** `name=value` texts, one per attribute. */
export const ciscoAttribute = {
  avPair: vendorAttribute(radiusVendor.cisco, 1, 'Cisco-AVPair', text),
} as const;
