import { type Ipv4Address, type MacAddress, parseMac } from '../../../kernel/address.ts';
import { toHex } from '../../../wire/bytes/text.ts';
import { find, type Tlv } from '../../../wire/bytes/tlv.ts';
import { radiusAttribute } from '../../../wire/radius/attributes.ts';
import { acctStatusType } from '../../../wire/radius/constants.ts';
import { findOctets } from '../../../wire/radius/octet-counters.ts';
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

/** Reads an Accounting-Request; undefined if it lacks what RFC 2866 section 5.13 demands, or says nothing known. */
export function readWlcRecord(attributes: readonly Tlv[]): WlcRecord | undefined {
  const status = statuses.get(find(attributes, radiusAttribute.acctStatusType) ?? 0);
  if (status === undefined) return undefined;
  if (status === 'on' || status === 'off') return { status };
  const acctSessionId = find(attributes, radiusAttribute.acctSessionId);
  if (acctSessionId === undefined) return undefined;
  const station = find(attributes, radiusAttribute.callingStationId);
  return {
    status,
    mac: station === undefined ? undefined : parseMac(station),
    identity: {
      acctSessionId,
      userName: find(attributes, radiusAttribute.userName),
      apn: find(attributes, radiusAttribute.serviceSelection),
      nasIpAddress: find(attributes, radiusAttribute.nasIpAddress),
      framedIpAddress: find(attributes, radiusAttribute.framedIpAddress) || undefined,
      msisdn: msisdnIn(attributes),
    },
    multiSessionId: find(attributes, radiusAttribute.acctMultiSessionId),
    counted: {
      uplinkPackets: find(attributes, radiusAttribute.acctInputPackets) ?? 0,
      uplinkOctets: findOctets(attributes, 'input') ?? 0,
      downlinkPackets: find(attributes, radiusAttribute.acctOutputPackets) ?? 0,
      downlinkOctets: findOctets(attributes, 'output') ?? 0,
    },
    sessionSeconds: find(attributes, radiusAttribute.acctSessionTime) ?? 0,
    cause: find(attributes, radiusAttribute.acctTerminateCause),
  };
}

/** Octets, of which we only want to know whether they are the same. */
function msisdnIn(attributes: readonly Tlv[]): string | undefined {
  const octets = findVendor(attributes, starentAttribute.msIsdn);
  return octets === undefined ? undefined : toHex(octets);
}

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
