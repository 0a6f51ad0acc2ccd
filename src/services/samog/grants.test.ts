import { describe, expect, it } from 'vitest';
import { utf8Encode } from '../../wire/bytes/text.ts';
import { type Tlv, tlv } from '../../wire/bytes/tlv.ts';
import { radiusAttribute } from '../../wire/radius/attributes.ts';
import type { BearerQos } from '../../wire/radius/bearer-qos.ts';
import { octets } from '../../wire/radius/values.ts';
import { starentAttribute, threeGppAttribute, vendorTlv } from '../../wire/radius/vendor-attributes.ts';
import { grantsOfQos, noGrants, readAccessLists, readGrants, readQos, unknownAccessList } from './grants.ts';

const filterId = (name: string) => tlv(radiusAttribute.filterId, name);
const inAcl = (name: string) => vendorTlv(starentAttribute.ipInAcl, name);
const outAcl = (name: string) => vendorTlv(starentAttribute.ipOutAcl, name);
const bearer = { qci: 8, priorityLevel: 9, mayPreempt: true, mayBePreempted: false };
const aggregate: BearerQos = { ...bearer, rates: { kind: 'aggregate', uplinkKbps: 1000, downlinkKbps: 5000 } };
const rates = { uplinkKbps: 64, downlinkKbps: 128, uplinkGuaranteedKbps: 32, downlinkGuaranteedKbps: 16 };
const guaranteed: BearerQos = { ...bearer, rates: { kind: 'guaranteed', ...rates } };
const qos = (value: BearerQos) => vendorTlv(threeGppAttribute.negotiatedQosProfile, value);
const oldQos = vendorTlv(
  { ...threeGppAttribute.negotiatedQosProfile, value: octets },
  utf8Encode('99-1B921F7396FEFE742B10FFFF003DFFFF'),
);

describe('access lists', () => {
  it.each<[string, readonly Tlv[], ReturnType<typeof readAccessLists>]>([
    ['none', [], undefined],
    ['Filter-Id, for both directions', [filterId('a')], { uplink: 'a', downlink: 'a' }],
    ['SN-IP-In-ACL, for uplink', [inAcl('a')], { uplink: 'a', downlink: undefined }],
    ['SN-IP-Out-ACL, for downlink', [outAcl('a')], { uplink: undefined, downlink: 'a' }],
    ['all, of which the more particular win', [filterId('a'), outAcl('b')], { uplink: 'a', downlink: 'b' }],
    [
      'several Filter-Ids, which nothing can be called',
      [filterId('a'), filterId('b')],
      { uplink: 'a b', downlink: 'a b' },
    ],
  ])('%s', (_, attributes, expected) => {
    expect(readAccessLists(attributes)).toEqual(expected);
  });

  it('that do not exist are found in either direction', () => {
    const existing = new Set(['a']);
    expect(unknownAccessList(undefined, existing)).toBeUndefined();
    expect(unknownAccessList({ uplink: 'a', downlink: undefined }, existing)).toBeUndefined();
    expect(unknownAccessList({ uplink: 'b', downlink: undefined }, existing)).toBe('b');
    expect(unknownAccessList({ uplink: 'a', downlink: 'c' }, existing)).toBe('c');
  });
});

describe('QoS', () => {
  it('is read where it is of release 8 or later', () => {
    expect(readQos([])).toBeUndefined();
    expect(readQos([filterId('a'), qos(aggregate)])).toEqual(aggregate);
    expect(readQos([oldQos])).toBe('unreadable');
  });

  it('grants an APN-AMBR by aggregate rates, and a bearer of its own by guaranteed ones', () => {
    expect(grantsOfQos(aggregate, 'change')).toEqual({
      ambr: { uplinkKbps: 1000, downlinkKbps: 5000, source: 'change' },
      bearer: { ...bearer, rates: undefined, source: 'change' },
    });
    expect(grantsOfQos(guaranteed, 'accept')).toEqual({
      ambr: undefined,
      bearer: { ...bearer, rates, source: 'accept' },
    });
  });
});

it('an Access-Accept grants what it names, and nothing by a QoS of an old form', () => {
  expect(readGrants([])).toEqual(noGrants);
  expect(readGrants([oldQos])).toEqual(noGrants);
  expect(readGrants([qos(aggregate), inAcl('a')])).toEqual({
    accessLists: { uplink: 'a', downlink: undefined },
    ...grantsOfQos(aggregate, 'accept'),
  });
});
