import { formatIp, formatMac, type IpAddress, isIpv4 } from '../../../kernel/address.ts';
import { type Tlv, tlv } from '../../../wire/bytes/tlv.ts';
import { radiusAttribute } from '../../../wire/radius/attributes.ts';
import { acctAuthentic, acctStatusType, nasPortType } from '../../../wire/radius/constants.ts';
import { octetTlvs } from '../../../wire/radius/octet-counters.ts';
import { threeGppAttribute, vendorTlv } from '../../../wire/radius/vendor-attributes.ts';
import type { AccountRecord, AccountSubject, OwedRecord } from './account.ts';

/** The NAS that AAA is told of, in authentication and accounting alike: a CoA comes back to it (RFC 5176 section 3). */
export interface AccountingNas {
  readonly nasIpAddress: IpAddress;
  readonly nasIdentifier: string;
}

const statusOf = {
  start: acctStatusType.start,
  interim: acctStatusType.interimUpdate,
  stop: acctStatusType.stop,
} as const;

const connectInfoOf = { pmipv6: 'PMIPv6', eogre: 'EoGRE', ip: 'IP' } as const;

/**
 * The attributes of an Accounting-Request (RFC 2866 section 4.1), but for Acct-Delay-Time: that is of the transmission.
 * The same record always gives the same attributes.
 */
export function recordAttributes(
  nas: AccountingNas,
  acctSessionId: string,
  owed: OwedRecord,
  subject: AccountSubject,
): readonly Tlv[] {
  const { status, record } = owed;
  const { attachment, second } = record;
  return [
    tlv(radiusAttribute.acctStatusType, statusOf[status]),
    ...nasAttributes(nas),
    tlv(radiusAttribute.nasPortType, nasPortType.ieee80211),
    tlv(radiusAttribute.acctSessionId, acctSessionId),
    tlv(radiusAttribute.acctAuthentic, acctAuthentic.radius),
    ...subjectAttributes(subject),
    tlv(radiusAttribute.calledStationId, formatIp(attachment.peer)),
    tlv(radiusAttribute.connectInfo, connectInfoOf[attachment.kind]),
    tlv(radiusAttribute.eventTimestamp, second),
    ...(status === 'start' ? [] : usedAttributes(record)),
    ...(owed.status === 'stop' ? [tlv(radiusAttribute.acctTerminateCause, owed.record.cause)] : []),
  ];
}

/**
 * Accounting-On says that the NAS has begun without sessions, Accounting-Off that it ends with none (RFC 2866 section 5.1).
 * @param second Event-Timestamp, which is also what tells this beginning from another one in Acct-Session-Id
 */
export function serviceAttributes(nas: AccountingNas, status: 'on' | 'off', second: number): readonly Tlv[] {
  const type = status === 'on' ? acctStatusType.accountingOn : acctStatusType.accountingOff;
  return [
    tlv(radiusAttribute.acctStatusType, type),
    ...nasAttributes(nas),
    tlv(radiusAttribute.acctSessionId, second.toString(16).padStart(8, '0')),
    tlv(radiusAttribute.eventTimestamp, second),
  ];
}

/** @param delaySeconds since the event (RFC 2866 section 5.2); a repetition with another value has another Identifier */
export function delayAttribute(delaySeconds: number): Tlv {
  return tlv(radiusAttribute.acctDelayTime, delaySeconds);
}

function nasAttributes({ nasIpAddress, nasIdentifier }: AccountingNas): Tlv[] {
  const address = isIpv4(nasIpAddress)
    ? tlv(radiusAttribute.nasIpAddress, nasIpAddress)
    : tlv(radiusAttribute.nasIpv6Address, nasIpAddress);
  return nasIdentifier === '' ? [address] : [address, tlv(radiusAttribute.nasIdentifier, nasIdentifier)];
}

function subjectAttributes(subject: AccountSubject): Tlv[] {
  const { apn, imsi, chargeableUserIdentity, multiSessionId } = subject;
  return [
    tlv(radiusAttribute.userName, subject.userName),
    tlv(radiusAttribute.callingStationId, formatMac(subject.mac, '-').toUpperCase()),
    ...subject.addresses.map(framedAddress),
    ...subject.classes.map((value) => tlv(radiusAttribute.class, value)),
    ...(chargeableUserIdentity === undefined
      ? []
      : [tlv(radiusAttribute.chargeableUserIdentity, chargeableUserIdentity)]),
    ...(apn === undefined ? [] : [tlv(radiusAttribute.serviceSelection, apn)]),
    ...(multiSessionId === undefined ? [] : [tlv(radiusAttribute.acctMultiSessionId, multiSessionId)]),
    ...(imsi === undefined ? [] : [vendorTlv(threeGppAttribute.imsi, imsi)]),
  ];
}

const hostPrefixLength = 128;

function framedAddress(address: IpAddress): Tlv {
  return isIpv4(address)
    ? tlv(radiusAttribute.framedIpAddress, address)
    : tlv(radiusAttribute.framedIpv6Prefix, { address, length: hostPrefixLength });
}

function usedAttributes({ sessionSeconds, counted }: AccountRecord): Tlv[] {
  return [
    tlv(radiusAttribute.acctSessionTime, sessionSeconds),
    ...octetTlvs('input', counted.uplinkOctets),
    ...octetTlvs('output', counted.downlinkOctets),
    tlv(radiusAttribute.acctInputPackets, counted.uplinkPackets >>> 0),
    tlv(radiusAttribute.acctOutputPackets, counted.downlinkPackets >>> 0),
  ];
}
