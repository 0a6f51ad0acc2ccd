import { type Ipv4Address, type MacAddress, parseMacAt } from '../../../kernel/address.ts';
import { toHex } from '../../../wire/bytes/text.ts';
import type { TlvCodec } from '../../../wire/bytes/tlv.ts';
import { radiusAttribute } from '../../../wire/radius/attributes.ts';
import { acctStatusType } from '../../../wire/radius/constants.ts';
import { joinOctets } from '../../../wire/radius/octet-counters.ts';
import type { RadiusOctets } from '../../../wire/radius/packet-octets.ts';
import { findVendor, starentAttribute } from '../../../wire/radius/vendor-attributes.ts';
import type { Counted } from './account.ts';

/** What a WLC or access point says of a session in an Accounting-Request (RFC 2866). Nothing in it is a view of the packet. */
export type WlcRecord = WlcSessionRecord | WlcServiceRecord;

/** The NAS has begun or ends: it has no session any more. */
export type WlcServiceRecord = { readonly status: 'on' } | { readonly status: 'off' };

export interface WlcSessionRecord {
  readonly status: 'start' | 'interim' | 'stop';
  /** By what the session is found: the UE, and its address. */
  readonly mac: MacAddress | undefined;
  readonly identity: WlcIdentity;
  readonly multiSessionId: string | undefined;
  readonly counted: Counted;
  readonly sessionSeconds: number;
  /** Acct-Terminate-Cause. */
  readonly cause: number | undefined;
  /** Event-Timestamp (RFC 2869 section 5.3): when it happened by the clock of the NAS, in seconds since 1970; however often it is told. */
  readonly eventSecond: number | undefined;
}

/** What makes a START that one and no other, whatever its Identifier and Acct-Delay-Time. */
export interface WlcIdentity {
  readonly acctSessionId: string;
  readonly userName: string | undefined;
  readonly apn: string | undefined;
  readonly nasIpAddress: Ipv4Address | undefined;
  readonly framedIpAddress: Ipv4Address | undefined;
  /** SN-MS-ISDN, as the WLC has it. */
  readonly msisdn: string | undefined;
}

const statuses = new Map<number, WlcRecord['status']>([
  [acctStatusType.start, 'start'],
  [acctStatusType.interimUpdate, 'interim'],
  [acctStatusType.stop, 'stop'],
  [acctStatusType.accountingOn, 'on'],
  [acctStatusType.accountingOff, 'off'],
]);

/** By what a record is told from others before all of it is read. */
export interface WlcRecordHead {
  readonly status: WlcRecord['status'];
  /** The UE; absent of a NAS's own. */
  readonly mac: MacAddress | undefined;
}

/** Undefined if an Accounting-Request lacks what RFC 2866 section 5.13 demands, or says nothing known. */
export function readWlcHead(packet: RadiusOctets): WlcRecordHead | undefined {
  const status = statuses.get(packet.integer(radiusAttribute.acctStatusType) ?? 0);
  if (status === undefined) return undefined;
  if (status === 'on' || status === 'off') return { status, mac: undefined };
  if (packet.placeOf(radiusAttribute.acctSessionId.type) === 0) return undefined;
  const station = packet.placeOf(radiusAttribute.callingStationId.type);
  const { bytes } = packet;
  return { status, mac: station === 0 ? undefined : parseMacAt(bytes, station + 2, station + bytes[station + 1]!) };
}

/** Reads an Accounting-Request; undefined as of `readWlcHead`. */
export function readWlcRecord(packet: RadiusOctets): WlcRecord | undefined {
  const head = readWlcHead(packet);
  if (head === undefined) return undefined;
  const { status, mac } = head;
  if (status === 'on' || status === 'off') return { status };
  return {
    status,
    mac,
    identity: {
      acctSessionId: packet.find(radiusAttribute.acctSessionId)!,
      userName: packet.find(radiusAttribute.userName),
      apn: packet.find(radiusAttribute.serviceSelection),
      nasIpAddress: packet.find(radiusAttribute.nasIpAddress),
      framedIpAddress: packet.find(radiusAttribute.framedIpAddress) || undefined,
      msisdn: msisdnIn(packet),
    },
    multiSessionId: packet.find(radiusAttribute.acctMultiSessionId),
    counted: {
      uplinkPackets: packet.integer(radiusAttribute.acctInputPackets) ?? 0,
      uplinkOctets: octetsIn(packet, radiusAttribute.acctInputOctets, radiusAttribute.acctInputGigawords),
      downlinkPackets: packet.integer(radiusAttribute.acctOutputPackets) ?? 0,
      downlinkOctets: octetsIn(packet, radiusAttribute.acctOutputOctets, radiusAttribute.acctOutputGigawords),
    },
    sessionSeconds: packet.integer(radiusAttribute.acctSessionTime) ?? 0,
    cause: packet.integer(radiusAttribute.acctTerminateCause),
    eventSecond: packet.integer(radiusAttribute.eventTimestamp),
  };
}

function octetsIn(packet: RadiusOctets, octets: TlvCodec<number>, gigawords: TlvCodec<number>): number {
  const low = packet.integer(octets);
  return low === undefined ? 0 : joinOctets(low, packet.integer(gigawords) ?? 0);
}

/** Octets, of which we only want to know whether they are the same. */
function msisdnIn(packet: RadiusOctets): string | undefined {
  if (packet.placeOf(radiusAttribute.vendorSpecific.type) === 0) return undefined;
  const octets = findVendor(packet.attributes, starentAttribute.msIsdn);
  return octets === undefined ? undefined : toHex(octets);
}

/** Whether two records name the same account by the same identity: all of it is compared. */
export function sameIdentity(left: WlcIdentity, right: WlcIdentity): boolean {
  return (
    left.acctSessionId === right.acctSessionId &&
    left.userName === right.userName &&
    left.apn === right.apn &&
    left.nasIpAddress === right.nasIpAddress &&
    left.framedIpAddress === right.framedIpAddress &&
    left.msisdn === right.msisdn
  );
}
