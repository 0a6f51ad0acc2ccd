import { cut } from '../bytes/cut.ts';
import { setU16, setU32, u16At, u32At } from '../bytes/reader.ts';
import type { Tlv } from '../bytes/tlv.ts';
import { bearerQos } from './bearer-qos.ts';
import { radiusVendor } from './constants.ts';
import {
  attributeOctetsMax,
  concealedOctets,
  integer,
  ipv4Address,
  octet,
  octets,
  octetsOf,
  type RadiusValue,
  text,
} from './values.ts';

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

/** An entry of the tables below; `format` is told for vendors that give type and length more than one octet. */
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

/**
 * The attributes with each occurrence of a vendor's attribute replaced by octets of the same length, wherever it
 * stands. Attributes without it are the same objects.
 *
 * @throws RangeError if `rewrite` gives another length
 */
export function rewriteVendor(
  attributes: readonly Tlv[],
  codec: VendorAttribute<unknown>,
  rewrite: (data: Uint8Array) => Uint8Array,
): readonly Tlv[] {
  return attributes.map((attribute) => {
    const places: { readonly at: number; readonly data: Uint8Array }[] = [];
    walk(attribute, codec, (type, data, at) => {
      if (type === codec.type) places.push({ at, data });
    });
    if (places.length === 0) return attribute;
    const copy = attribute.data.slice();
    for (const { at, data } of places) {
      const rewritten = rewrite(data);
      if (rewritten.length !== data.length) throw new RangeError(`${codec.name} with ${rewritten.length} octets`);
      copy.set(rewritten, at);
    }
    return { type: attribute.type, data: copy };
  });
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

/**
 * The types of the attributes that one Vendor-Specific attribute holds, in order. Undefined if it is not that vendor's, or
 * cannot be read to its end.
 */
export function vendorTypesIn(
  attribute: Tlv,
  vendor: Pick<VendorAttribute<unknown>, 'vendor' | 'format'>,
): number[] | undefined {
  const types: number[] = [];
  return walk(attribute, vendor, (type) => types.push(type)) ? types : undefined;
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

/** The data of every occurrence inside one attribute. */
function dataIn(attribute: Tlv, codec: VendorAttribute<unknown>): Uint8Array[] {
  const found: Uint8Array[] = [];
  walk(attribute, codec, (type, data) => {
    if (type === codec.type) found.push(data);
  });
  return found;
}

/**
 * Visits what a vendor has put into one attribute, in order, with the place of its data; what follows a wrong length is
 * not looked at. Returns whether the attribute is that vendor's and was read to its end.
 */
function walk(
  { type, data }: Tlv,
  { vendor, format }: Pick<VendorAttribute<unknown>, 'vendor' | 'format'>,
  visit: (type: number, data: Uint8Array, at: number) => void,
): boolean {
  if (type !== vendorSpecific || data.length < vendorOctets || u32At(data, 0) !== vendor) return false;
  const head = format === '1,1' ? 2 : 4;
  let at = vendorOctets;
  while (at + head <= data.length) {
    const subType = head === 2 ? data[at]! : u16At(data, at);
    const length = head === 2 ? data[at + 1]! : u16At(data, at + 2);
    if (length < head || at + length > data.length) break;
    visit(subType, data.subarray(at + head, at + length), at + head);
    at += length;
  }
  return at === data.length;
}

/** 3GPP TS 29.061 section 16.4.7. */
export const threeGppAttribute = {
  imsi: vendorAttribute(radiusVendor.threeGpp, 1, '3GPP-IMSI', text),
  chargingId: vendorAttribute(radiusVendor.threeGpp, 2, '3GPP-Charging-ID', integer),
  /** One of `pdpType`. */
  pdpType: vendorAttribute(radiusVendor.threeGpp, 3, '3GPP-PDP-Type', integer),
  negotiatedQosProfile: vendorAttribute(radiusVendor.threeGpp, 5, '3GPP-GPRS-Negotiated-QoS-Profile', bearerQos),
  ggsnAddress: vendorAttribute(radiusVendor.threeGpp, 7, '3GPP-GGSN-Address', ipv4Address),
  /** Five or six digits. */
  imsiMccMnc: vendorAttribute(radiusVendor.threeGpp, 8, '3GPP-IMSI-MCC-MNC', text),
  /** One character, `0`..`3`. */
  selectionMode: vendorAttribute(radiusVendor.threeGpp, 12, '3GPP-Selection-Mode', text),
  /** Four hexadecimal digits. */
  chargingCharacteristics: vendorAttribute(radiusVendor.threeGpp, 13, '3GPP-Charging-Characteristics', text),
  /** Five or six digits. */
  sgsnMccMnc: vendorAttribute(radiusVendor.threeGpp, 18, '3GPP-SGSN-MCC-MNC', text),
  imeisv: vendorAttribute(radiusVendor.threeGpp, 20, '3GPP-IMEISV', text),
  /** One of `ratType`. */
  ratType: vendorAttribute(radiusVendor.threeGpp, 21, '3GPP-RAT-Type', octet),
  /** The kind of location in one octet, then as TS 29.274 section 8.21 has it. */
  userLocationInfo: vendorAttribute(radiusVendor.threeGpp, 22, '3GPP-User-Location-Info', octets),
  /** Quarters of an hour and daylight saving, as TS 29.274 section 8.44 has them. */
  msTimeZone: vendorAttribute(radiusVendor.threeGpp, 23, '3GPP-MS-TimeZone', octetsOf(2)),
  /** As TS 29.274 section 8.100 has it. */
  twanIdentifier: vendorAttribute(radiusVendor.threeGpp, 29, '3GPP-TWAN-Identifier', octets),
} as const;

/** The Starent dictionary; type and length have two octets each. */
export const starentAttribute = {
  vpnId: vendorAttribute(radiusVendor.starent, 1, 'SN-VPN-ID', integer, '2,2'),
  vpnName: vendorAttribute(radiusVendor.starent, 2, 'SN-VPN-Name', text, '2,2'),
  /** One of `starentDisconnectReason`, or one of many more. */
  disconnectReason: vendorAttribute(radiusVendor.starent, 3, 'SN-Disconnect-Reason', integer, '2,2'),
  primaryDnsServer: vendorAttribute(radiusVendor.starent, 5, 'SN-Primary-DNS-Server', ipv4Address, '2,2'),
  secondaryDnsServer: vendorAttribute(radiusVendor.starent, 6, 'SN-Secondary-DNS-Server', ipv4Address, '2,2'),
  ipPoolName: vendorAttribute(radiusVendor.starent, 8, 'SN-IP-Pool-Name', text, '2,2'),
  ipFilterIn: vendorAttribute(radiusVendor.starent, 10, 'SN-IP-Filter-In', text, '2,2'),
  ipFilterOut: vendorAttribute(radiusVendor.starent, 11, 'SN-IP-Filter-Out', text, '2,2'),
  ipInAcl: vendorAttribute(radiusVendor.starent, 17, 'SN-IP-In-ACL', text, '2,2'),
  ipOutAcl: vendorAttribute(radiusVendor.starent, 18, 'SN-IP-Out-ACL', text, '2,2'),
  ipAllocMethod: vendorAttribute(radiusVendor.starent, 53, 'SN-IP-Alloc-Method', integer, '2,2'),
  apnName: vendorAttribute(radiusVendor.starent, 162, 'SN-Rad-APN-Name', text, '2,2'),
  msIsdn: vendorAttribute(radiusVendor.starent, 248, 'SN-MS-ISDN', octets, '2,2'),
  rulebase: vendorAttribute(radiusVendor.starent, 250, 'SN-Rulebase', text, '2,2'),
  callId: vendorAttribute(radiusVendor.starent, 251, 'SN-Call-Id', integer, '2,2'),
  imsi: vendorAttribute(radiusVendor.starent, 252, 'SN-IMSI', octets, '2,2'),
  /** One of `starentHandoffIndicator`. */
  handoffIndicator: vendorAttribute(radiusVendor.starent, 310, 'SN-Handoff-Indicator', integer, '2,2'),
  wlanApIdentifier: vendorAttribute(radiusVendor.starent, 319, 'SN-WLAN-AP-Identifier', octets, '2,2'),
  wlanUeIdentifier: vendorAttribute(radiusVendor.starent, 320, 'SN-WLAN-UE-Identifier', octets, '2,2'),
} as const;

/** RFC 4679 sections 3.3.1 and 3.3.2: DHCP option 82 as RADIUS carries it. */
export const dslForumAttribute = {
  agentCircuitId: vendorAttribute(radiusVendor.dslForum, 1, 'Agent-Circuit-Id', text),
  agentRemoteId: vendorAttribute(radiusVendor.dslForum, 2, 'Agent-Remote-Id', text),
} as const;

/** RFC 2548 section 2.4. */
export const microsoftAttribute = {
  mppeEncryptionPolicy: vendorAttribute(radiusVendor.microsoft, 7, 'MS-MPPE-Encryption-Policy', integer),
  mppeEncryptionTypes: vendorAttribute(radiusVendor.microsoft, 8, 'MS-MPPE-Encryption-Types', integer),
  /** Hidden, and so is the next: see mppe-keys.ts. */
  mppeSendKey: vendorAttribute(radiusVendor.microsoft, 16, 'MS-MPPE-Send-Key', concealedOctets),
  mppeRecvKey: vendorAttribute(radiusVendor.microsoft, 17, 'MS-MPPE-Recv-Key', concealedOctets),
} as const;

/** `name=value` texts, one per attribute: see cisco-pair.ts. */
export const ciscoAttribute = {
  avPair: vendorAttribute(radiusVendor.cisco, 1, 'Cisco-AVPair', text),
} as const;

const vendors: readonly (readonly VendorAttribute<unknown>[])[] = [
  Object.values(ciscoAttribute),
  Object.values(microsoftAttribute),
  Object.values(dslForumAttribute),
  Object.values(starentAttribute),
  Object.values(threeGppAttribute),
];

/** One line for people about the data of a Vendor-Specific attribute. Secrets stay hidden, as does what is not known. */
export function describeVendorSpecific(data: Uint8Array): string {
  if (data.length < vendorOctets) return `of ${data.length} octets`;
  const vendor = u32At(data, 0);
  const known = vendors.find(([first]) => first!.vendor === vendor);
  if (known === undefined) return `of vendor ${vendor}, ${data.length - vendorOctets} octets`;
  const words: string[] = [];
  const whole = walk({ type: vendorSpecific, data }, known[0]!, (type, octets) => {
    const codec = known.find((candidate) => candidate.type === type);
    const value = codec?.value.decode(octets);
    words.push(
      codec === undefined || value === undefined
        ? `${type} of ${octets.length} octets`
        : `${codec.name} ${codec.value.describe(value)}`,
    );
  });
  return `of vendor ${vendor} (${[...words, ...(whole ? [] : ['cut short'])].join(', ')})`;
}
