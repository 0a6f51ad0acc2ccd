import { findAll, type Tlv } from '../../wire/bytes/tlv.ts';
import { radiusAttribute } from '../../wire/radius/attributes.ts';
import { type BearerQos, type BearerRates, bearerQos } from '../../wire/radius/bearer-qos.ts';
import { octets } from '../../wire/radius/values.ts';
import { findVendor, starentAttribute, threeGppAttribute } from '../../wire/radius/vendor-attributes.ts';

/** What AAA lets a subscriber send and receive; enforced on the traffic of the session. */
export interface Grants {
  /** Undefined, as for most, where everything passes. */
  readonly accessLists: AccessListNames | undefined;
  /** APN-AMBR (TS 23.401 section 4.7.3); undefined for none. */
  readonly ambr: AggregateRates | undefined;
  /** QoS of the session's one bearer; undefined for none. */
  readonly bearer: BearerGrant | undefined;
}

/** Access lists by their names in the configuration; undefined for a direction in which everything passes. */
export interface AccessListNames {
  readonly uplink: string | undefined;
  readonly downlink: string | undefined;
}

/** Whether AAA said it in an Access-Accept or changed it since. */
export type GrantSource = 'accept' | 'change';

/** Kilobits a second; 0 is no limit. */
export interface AggregateRates {
  readonly uplinkKbps: number;
  readonly downlinkKbps: number;
  readonly source: GrantSource;
}

export interface BearerGrant extends Omit<BearerQos, 'rates'> {
  readonly rates: GuaranteedRates | undefined;
  readonly source: GrantSource;
}

/** Kilobits a second, at most and guaranteed; 0 is none. */
export type GuaranteedRates = Omit<Extract<BearerRates, { kind: 'guaranteed' }>, 'kind'>;

export const noGrants: Grants = { accessLists: undefined, ambr: undefined, bearer: undefined };

/**
 * The access lists that a packet names: Filter-Id for both directions, SN-IP-In-ACL for uplink and SN-IP-Out-ACL for
 * downlink, which win. Several Filter-Ids are one name that no list has: the gateway cannot hold a session to several.
 */
export function readAccessLists(attributes: readonly Tlv[]): AccessListNames | undefined {
  const both = findAll(attributes, radiusAttribute.filterId).join(' ') || undefined;
  const uplink = findVendor(attributes, starentAttribute.ipInAcl) ?? both;
  const downlink = findVendor(attributes, starentAttribute.ipOutAcl) ?? both;
  return uplink === undefined && downlink === undefined ? undefined : { uplink, downlink };
}

const rawQosProfile = { ...threeGppAttribute.negotiatedQosProfile, value: octets };

/** The QoS that a packet tells, `unreadable` if it is of a release before 8, or undefined for none. */
export function readQos(attributes: readonly Tlv[]): BearerQos | 'unreadable' | undefined {
  const profile = findVendor(attributes, rawQosProfile);
  return profile === undefined ? undefined : (bearerQos.decode(profile) ?? 'unreadable');
}

/** What QoS grants: aggregate rates are the APN-AMBR, the rest is the bearer's. */
export function grantsOfQos(
  { rates, ...bearer }: BearerQos,
  source: GrantSource,
): { readonly ambr: AggregateRates | undefined; readonly bearer: BearerGrant } {
  if (rates.kind === 'aggregate') {
    const { uplinkKbps, downlinkKbps } = rates;
    return { ambr: { uplinkKbps, downlinkKbps, source }, bearer: { ...bearer, rates: undefined, source } };
  }
  const { kind: _, ...guaranteed } = rates;
  return { ambr: undefined, bearer: { ...bearer, rates: guaranteed, source } };
}

/** The grants of an Access-Accept. QoS of an old form says nothing here, as other attributes that the gateway does not know. */
export function readGrants(attributes: readonly Tlv[]): Grants {
  const qos = readQos(attributes);
  const granted = qos === undefined || qos === 'unreadable' ? noGrants : grantsOfQos(qos, 'accept');
  return { accessLists: readAccessLists(attributes), ambr: granted.ambr, bearer: granted.bearer };
}

/** The first name of a list that is not among those that exist; undefined if there is none. */
export function unknownAccessList(
  lists: AccessListNames | undefined,
  existing: { has(name: string): boolean },
): string | undefined {
  return [lists?.uplink, lists?.downlink].find((name) => name !== undefined && !existing.has(name));
}
