import { describe, expect, it } from 'vitest';
import { ipv4Of, parseIp, parseIpv4 } from '../../../kernel/address.ts';
import { utf8Encode } from '../../../wire/bytes/text.ts';
import { type Tlv, tlv } from '../../../wire/bytes/tlv.ts';
import { radiusAttribute } from '../../../wire/radius/attributes.ts';
import { threeGppAttribute, vendorTlv } from '../../../wire/radius/vendor-attributes.ts';
import { noGrants } from '../grants.ts';
import type { SubscriberProfile } from '../subscriber.ts';
import { readSubscriberProfile, SharedTexts } from './subscriber-profile.ts';

const nothing: SubscriberProfile = {
  nai: undefined,
  apn: undefined,
  lma: undefined,
  homeAddress: undefined,
  sessionTimeoutSeconds: undefined,
  idleTimeoutSeconds: undefined,
  classes: [],
  chargeableUserIdentity: undefined,
  imsi: undefined,
  userName: undefined,
  interimIntervalSeconds: undefined,
  terminationAction: 'end',
  state: undefined,
  grants: noGrants,
};

const lma4 = tlv(radiusAttribute.pmip6HomeLmaIpv4Address, parseIpv4('192.0.2.20')!);
const lma6 = tlv(radiusAttribute.pmip6HomeLmaIpv6Address, parseIp('2001:db8::20') as never);
const homeAddress = tlv(radiusAttribute.pmip6HomeIpv4HomeAddress, { address: parseIpv4('203.0.113.9')!, length: 24 });
const noHomeAddress = tlv(radiusAttribute.pmip6HomeIpv4HomeAddress, { address: ipv4Of(0), length: 0 });

describe('a subscriber profile', () => {
  const cases: readonly [string, readonly Tlv[], Partial<SubscriberProfile>][] = [
    ['nothing', [], {}],
    ['an NAI', [tlv(radiusAttribute.mobileNodeIdentifier, utf8Encode('ue@home.example'))], { nai: 'ue@home.example' }],
    ['an empty NAI', [tlv(radiusAttribute.mobileNodeIdentifier, new Uint8Array())], {}],
    ['an APN', [tlv(radiusAttribute.serviceSelection, 'internet')], { apn: 'internet' }],
    ['an empty APN', [tlv(radiusAttribute.serviceSelection, '')], {}],
    ['an LMA', [lma4], { lma: parseIpv4('192.0.2.20')! }],
    ['an LMA by both addresses', [lma6, lma4], { lma: parseIpv4('192.0.2.20')! }],
    ['an LMA by IPv6', [lma6], { lma: parseIp('2001:db8::20')! }],
    ['an unspecified LMA', [tlv(radiusAttribute.pmip6HomeLmaIpv4Address, ipv4Of(0))], {}],
    ['a home address', [homeAddress], { homeAddress: parseIpv4('203.0.113.9')! }],
    [
      'a framed address',
      [tlv(radiusAttribute.framedIpAddress, parseIpv4('203.0.113.8')!), noHomeAddress],
      { homeAddress: parseIpv4('203.0.113.8')! },
    ],
    ['an address of its choice', [tlv(radiusAttribute.framedIpAddress, ipv4Of(0xffffffff))], {}],
    ['an address of our choice', [tlv(radiusAttribute.framedIpAddress, ipv4Of(0xfffffffe))], {}],
    ['a session timeout', [tlv(radiusAttribute.sessionTimeout, 3600)], { sessionTimeoutSeconds: 3600 }],
    ['an idle timeout', [tlv(radiusAttribute.idleTimeout, 600)], { idleTimeoutSeconds: 600 }],
    ['timeouts of 0', [tlv(radiusAttribute.idleTimeout, 0), tlv(radiusAttribute.sessionTimeout, 0)], {}],
    ['an IMSI', [vendorTlv(threeGppAttribute.imsi, '001010123456789')], { imsi: '001010123456789' }],
    [
      'a chargeable identity',
      [tlv(radiusAttribute.chargeableUserIdentity, Uint8Array.of(1, 2))],
      { chargeableUserIdentity: Uint8Array.of(1, 2) },
    ],
    [
      'classes',
      [tlv(radiusAttribute.class, Uint8Array.of(1)), tlv(radiusAttribute.class, Uint8Array.of(2))],
      { classes: [Uint8Array.of(1), Uint8Array.of(2)] },
    ],
  ];

  it.each(cases)('of %s', (_name, attributes, expected) => {
    expect(readSubscriberProfile(attributes, new SharedTexts(4))).toEqual({ ...nothing, ...expected });
  });

  it('keeps no view of the packet', () => {
    const data = Uint8Array.of(1, 2, 3);
    const { chargeableUserIdentity, classes } = readSubscriberProfile(
      [
        { type: radiusAttribute.class.type, data },
        { type: radiusAttribute.chargeableUserIdentity.type, data },
      ],
      new SharedTexts(4),
    );
    data.fill(0);
    expect([classes[0], chargeableUserIdentity]).toEqual([Uint8Array.of(1, 2, 3), Uint8Array.of(1, 2, 3)]);
  });
});

describe('shared texts', () => {
  it('are equal to what was asked for, and kept up to the bound', () => {
    const shared = new SharedTexts(2);
    const asked = ['a', 'b', 'a', 'c', 'a'].map((text) => [shared.of(text), shared.size]);
    expect(asked).toEqual([
      ['a', 1],
      ['b', 2],
      ['a', 2],
      ['c', 1],
      ['a', 2],
    ]);
  });
});
